/// A file or directory of an archive whose name and kind are safe.
package struct ArchiveEntry: Hashable, Sendable {
  /// What it is. Everything else an archive may hold is refused; special mode bits are dropped.
  package enum Kind: Hashable, Sendable {
    case directory
    /// Mode 0644.
    case file
    /// A file somebody marked executable: mode 0755.
    case executable
  }

  /// Its name: relative, parts separated by `/`, none of them `.` or `..`; no slash at the end.
  package let path: String
  /// What it is.
  package let kind: Kind
  /// Bytes once unpacked, as the archive says; reading checks it.
  package let byteCount: Int
  /// Its place in the archive's directory.
  let index: Int
  /// Where its bytes stand in the archive, compressed or not.
  let data: Range<Int>
  /// 0: stored, 8: deflated.
  let method: UInt16
  /// CRC-32 of the bytes unpacked.
  let checksum: UInt32
}
