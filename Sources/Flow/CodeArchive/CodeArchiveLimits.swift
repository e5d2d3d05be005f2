/// What an archive of code may be.
package struct CodeArchiveLimits: Sendable {
  /// Bytes of the archive.
  package var archiveByteCount = 64 << 20
  /// Bytes of all files unpacked.
  package var unpackedByteCount = 250 << 20
  /// Files and directories.
  package var entryCount = 10_000
  /// How many times its size an entry may unpack to; entries below ``bombByteCount`` unpacked may be any.
  package var ratio = 200
  /// The size unpacked from which on the ratio counts.
  package var bombByteCount = 1 << 20
  /// Bytes of a name.
  package var pathByteCount = 1_024
  /// Bytes of a name's part.
  package var componentByteCount = 255
  /// Parts of a name.
  package var depth = 32
  /// The limits as they stand above.
  package init() {}
}
