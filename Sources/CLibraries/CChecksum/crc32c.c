#include "CChecksum.h"

#include <string.h>

#define POLYNOMIAL 0x82f63b78u // reflected

static uint32_t table[256];

__attribute__((constructor)) static void fill_table(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ POLYNOMIAL : value >> 1;
    table[byte] = value;
  }
}

static uint32_t by_table(uint32_t value, const uint8_t *bytes, size_t count) {
  while (count-- > 0) value = value >> 8 ^ table[(value ^ *bytes++) & 0xff];
  return value;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t value, const uint8_t *bytes, size_t count) {
  uint64_t wide = value;
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  value = (uint32_t)wide;
  while (count-- > 0) value = _mm_crc32_u8(value, *bytes++);
  return value;
}

static int has_instruction(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>

#define HWCAP_CRC32_BIT (1 << 7)

__attribute__((target("crc"))) static uint32_t by_instruction(uint32_t value, const uint8_t *bytes, size_t count) {
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    value = __crc32cd(value, word);
  }
  while (count-- > 0) value = __crc32cb(value, *bytes++);
  return value;
}

static int has_instruction(void) { return (getauxval(AT_HWCAP) & HWCAP_CRC32_BIT) != 0; }
#else
static uint32_t by_instruction(uint32_t value, const uint8_t *bytes, size_t count) {
  return by_table(value, bytes, count);
}

static int has_instruction(void) { return 0; }
#endif

uint32_t cchecksum_crc32c(uint32_t checksum, const void *bytes, size_t count) {
  return has_instruction() ? ~by_instruction(~checksum, bytes, count) : ~by_table(~checksum, bytes, count);
}
