#include "CChecksum.h"

#include <string.h>

#define POLYNOMIAL 0x82f63b78u // reflected

// The processor takes up one word after the other of one checksum, but begins another's meanwhile: long input is three lanes.
#define LANE_BYTES 1024

static uint32_t table[256];
// What becomes of each byte of a checksum when as many zeros follow as a lane has bytes.
static uint32_t shifted[4][256];

static uint32_t by_table(uint32_t value, const uint8_t *bytes, size_t count) {
  while (count-- > 0) value = value >> 8 ^ table[(value ^ *bytes++) & 0xff];
  return value;
}

__attribute__((constructor)) static void fill_tables(void) {
  static const uint8_t zeros[LANE_BYTES];
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ POLYNOMIAL : value >> 1;
    table[byte] = value;
  }
  for (int place = 0; place < 4; place++) {
    for (uint32_t byte = 1; byte < 256; byte++) {
      uint32_t lowest = byte & -byte;
      shifted[place][byte] = byte == lowest ? by_table(byte << 8 * place, zeros, LANE_BYTES)
                                            : shifted[place][lowest] ^ shifted[place][byte ^ lowest];
    }
  }
}

static inline uint32_t shift(uint32_t value) {
  return shifted[0][value & 0xff] ^ shifted[1][value >> 8 & 0xff] ^ shifted[2][value >> 16 & 0xff] ^ shifted[3][value >> 24];
}

static inline uint64_t word_at(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, 8);
  return word;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

#define HAS_INSTRUCTION __builtin_cpu_supports("sse4.2")
#define WITH_INSTRUCTION __attribute__((target("sse4.2")))
#define TAKE_WORD(value, word) ((uint32_t)_mm_crc32_u64(value, word))
#define TAKE_BYTE(value, byte) _mm_crc32_u8(value, byte)
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>

#define HAS_INSTRUCTION ((getauxval(AT_HWCAP) & 1 << 7) != 0) // HWCAP_CRC32
#define WITH_INSTRUCTION __attribute__((target("crc")))
#define TAKE_WORD(value, word) __crc32cd(value, word)
#define TAKE_BYTE(value, byte) __crc32cb(value, byte)
#endif

#ifdef HAS_INSTRUCTION
WITH_INSTRUCTION static uint32_t by_instruction(uint32_t value, const uint8_t *bytes, size_t count) {
  for (; count >= 3 * LANE_BYTES; bytes += 3 * LANE_BYTES, count -= 3 * LANE_BYTES) {
    uint32_t second = 0, third = 0;
    for (size_t at = 0; at < LANE_BYTES; at += 8) {
      value = TAKE_WORD(value, word_at(bytes + at));
      second = TAKE_WORD(second, word_at(bytes + LANE_BYTES + at));
      third = TAKE_WORD(third, word_at(bytes + 2 * LANE_BYTES + at));
    }
    value = shift(shift(value) ^ second) ^ third;
  }
  for (; count >= 8; bytes += 8, count -= 8) value = TAKE_WORD(value, word_at(bytes));
  while (count-- > 0) value = TAKE_BYTE(value, *bytes++);
  return value;
}
#else
#define HAS_INSTRUCTION 0
#define by_instruction by_table
#endif

uint32_t cchecksum_crc32c(uint32_t checksum, const void *bytes, size_t count) {
  return HAS_INSTRUCTION ? ~by_instruction(~checksum, bytes, count) : ~by_table(~checksum, bytes, count);
}
