#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `count` bytes, going on from the checksum of what stood before them;
/// 0 to begin. The processor's own instruction where it has one (SSE 4.2, ARMv8 CRC), a table elsewhere.
uint32_t cchecksum_crc32c(uint32_t checksum, const void *bytes, size_t count);
