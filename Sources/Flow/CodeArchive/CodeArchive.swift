/// A zip archive of code whose directory has been checked: nothing in it can lead out, collide or claim too much.
///
/// What its entries hold is checked as they are read: ``ArchiveReader``.
package struct CodeArchive: Sendable {
  /// The archive's bytes.
  package let bytes: [UInt8]
  /// Its files and directories, in the order of its directory.
  package let entries: [ArchiveEntry]
  /// What it was held to.
  package let limits: CodeArchiveLimits

  /// Checks an archive's directory. Takes time in proportion to the number of entries, whatever they claim to hold.
  ///
  /// - Throws: ``CodeArchiveError``: nothing of it should be used.
  package init(_ bytes: [UInt8], limits: CodeArchiveLimits = CodeArchiveLimits()) throws(CodeArchiveError) {
    let records = try ZipDirectory(bytes, limits: limits).records()
    entries = try ArchiveRules.entries(records, limits: limits)
    self.bytes = bytes
    self.limits = limits
  }

  /// The entry of that name.
  package func entry(_ path: String) -> ArchiveEntry? { entries.first { $0.path.utf8.elementsEqual(path.utf8) } }

  /// Unpacks everything once and keeps nothing: afterwards every entry is known to hold what the directory says.
  ///
  /// - Throws: ``CodeArchiveError`` with `damaged`, `inconsistent` or `tooLarge`.
  package func verify() throws(CodeArchiveError) {
    try ArchiveReader.read(self) { _, _ throws(CodeArchiveError) in }
  }

  /// A file's contents.
  ///
  /// - Throws: ``CodeArchiveError``; `tooLarge` beyond `limit` bytes.
  package func contents(of entry: ArchiveEntry, limit: Int) throws(CodeArchiveError) -> [UInt8] {
    guard entry.byteCount <= limit else {
      throw CodeArchiveError(
        .tooLarge, "\(ArchiveRules.shown(entry.path.utf8)) has \(entry.byteCount) bytes; at most \(limit) are read")
    }
    var contents: [UInt8] = []
    try ArchiveReader.read(self, only: entry) { _, chunk throws(CodeArchiveError) in contents.append(contentsOf: chunk)
    }
    return contents
  }
}
