/// Which entries an archive may have. Pure.
enum ArchiveRules {
  /// Checks every entry's name, kind and size, and all of them together.
  static func entries(
    _ records: [ZipDirectory.Record], limits: CodeArchiveLimits
  ) throws(CodeArchiveError) -> [ArchiveEntry] {
    var names = NameTable()
    var unpackedByteCount = 0
    var entries: [ArchiveEntry] = []
    entries.reserveCapacity(records.count)
    for record in records {
      let entry = try entry(record, limits: limits)
      try names.add(entry)
      unpackedByteCount += entry.byteCount
      guard unpackedByteCount <= limits.unpackedByteCount else {
        throw CodeArchiveError(.tooLarge, "the archive unpacks to more than \(limits.unpackedByteCount) bytes")
      }
      entries.append(entry)
    }
    return entries
  }

  private static func entry(
    _ record: ZipDirectory.Record, limits: CodeArchiveLimits
  ) throws(CodeArchiveError) -> ArchiveEntry {
    let isDirectory = record.name.last == UInt8(ascii: "/")
    let path = try path(isDirectory ? record.name.dropLast() : record.name, limits: limits)
    let kind = try kind(record, named: isDirectory ? .asDirectory : .asFile)
    guard !isDirectory || record.byteCount == 0 else {
      throw CodeArchiveError(.inconsistent, "the directory \(shown(record.name)) has contents")
    }
    guard record.method != 0 || record.byteCount == record.compressedByteCount else {
      throw CodeArchiveError(.inconsistent, "\(shown(record.name)) is stored, yet has two sizes")
    }
    guard
      record.byteCount < limits.bombByteCount || record.byteCount / max(1, record.compressedByteCount) <= limits.ratio
    else {
      throw CodeArchiveError(
        .bomb, "\(shown(record.name)) unpacks \(record.compressedByteCount) bytes to \(record.byteCount)")
    }
    return ArchiveEntry(
      path: path, kind: kind, byteCount: record.byteCount, index: record.index, data: record.data,
      method: record.method, checksum: record.checksum)
  }

  // MARK: names

  /// A name that leads to one place below the package's root, and that every file system can hold.
  static func path(_ name: ArraySlice<UInt8>, limits: CodeArchiveLimits) throws(CodeArchiveError) -> String {
    func refuse(_ why: String) -> CodeArchiveError {
      CodeArchiveError(.unsafePath, "the entry \(shown(name)) is refused: \(why)")
    }
    guard !name.isEmpty else { throw refuse("its name is empty") }
    guard name.count <= limits.pathByteCount else {
      throw refuse("its name is longer than \(limits.pathByteCount) bytes")
    }
    guard name.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { throw refuse("its name holds a control character") }
    guard !name.contains(UInt8(ascii: "\\")) else { throw refuse("its name holds a backslash") }
    guard let path = String(validating: name, as: UTF8.self) else { throw refuse("its name is not UTF-8") }
    guard name.first != UInt8(ascii: "/") else { throw refuse("its name is absolute") }
    let second = name.dropFirst().first
    guard second != UInt8(ascii: ":") else { throw refuse("its name begins with a drive letter") }
    let parts = name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count <= limits.depth else { throw refuse("it lies more than \(limits.depth) directories deep") }
    for part in parts {
      guard !part.isEmpty else { throw refuse("a part of its name is empty") }
      guard !part.elementsEqual(".".utf8), !part.elementsEqual("..".utf8) else {
        throw refuse("its name leads elsewhere")
      }
      guard part.count <= limits.componentByteCount else {
        throw refuse("a part of its name is longer than \(limits.componentByteCount) bytes")
      }
    }
    return path
  }

  /// A name fit for a message: cut, and without control characters.
  static func shown(_ name: some Sequence<UInt8>) -> String {
    let bytes = name.prefix(100).map { $0 >= 0x20 && $0 != 0x7f ? $0 : UInt8(ascii: "?") }
    return "'\(String(decoding: bytes, as: UTF8.self))'"
  }

  // MARK: kinds

  private enum Named { case asDirectory, asFile }

  private static let typeMask: UInt32 = 0o170000
  private static let typeNames: [UInt32: String] = [
    0o120000: "a symbolic link", 0o010000: "a FIFO", 0o020000: "a character device", 0o060000: "a block device",
    0o140000: "a socket",
  ]

  private static func kind(_ record: ZipDirectory.Record, named: Named) throws(CodeArchiveError) -> ArchiveEntry.Kind {
    // Any system's entry may carry a Unix mode in the upper half, and other readers would believe it.
    let mode = record.externalAttributes >> 16
    let type = mode & typeMask
    switch (type, named) {
    case (0, .asDirectory), (0o040000, .asDirectory): return .directory
    case (0, .asFile), (0o100000, .asFile): return mode & 0o111 != 0 ? .executable : .file
    case (0o040000, .asFile), (0o100000, .asDirectory):
      throw CodeArchiveError(.inconsistent, "\(shown(record.name)) is a directory by name or by mode, not by both")
    default:
      let name = typeNames[type] ?? "of an unknown kind"
      throw CodeArchiveError(.unsafeKind, "the entry \(shown(record.name)) is refused: it is \(name)")
    }
  }
}

/// The names met so far, as a file system that knows no case would have them.
private struct NameTable {
  private enum Kind { case file, directory }
  private var names: [String: (spelling: String, kind: Kind)] = [:]
  private var explicit: Set<String> = []

  /// - Throws: ``CodeArchiveError`` with `collision`.
  mutating func add(_ entry: ArchiveEntry) throws(CodeArchiveError) {
    guard explicit.insert(entry.path).inserted else {
      throw CodeArchiveError(.collision, "\(ArchiveRules.shown(entry.path.utf8)) is there twice")
    }
    var end = entry.path.startIndex
    while let slash = entry.path[end...].firstIndex(of: "/") {
      try claim(String(entry.path[..<slash]), .directory)
      end = entry.path.index(after: slash)
    }
    try claim(entry.path, entry.kind == .directory ? .directory : .file)
  }

  private mutating func claim(_ path: String, _ kind: Kind) throws(CodeArchiveError) {
    let folded = path.lowercased()
    guard let known = names[folded] else {
      names[folded] = (path, kind)
      return
    }
    guard known.spelling.utf8.elementsEqual(path.utf8) else {
      throw CodeArchiveError(
        .collision,
        "\(ArchiveRules.shown(path.utf8)) and \(ArchiveRules.shown(known.spelling.utf8)) differ by case or accents alone"
      )
    }
    guard known.kind == kind, kind == .directory else {
      throw CodeArchiveError(
        .collision, "\(ArchiveRules.shown(path.utf8)) is a file where another entry needs a directory")
    }
  }
}
