/// The names of a segment's files: twenty digits of the first offset, and what the file is.
enum SegmentName {
  /// The ending of each kind of file.
  enum Kind: String, CaseIterable {
    case log
    case index
    case timeIndex = "timeindex"
    case transactionIndex = "txnindex"
    case snapshot
  }

  static func file(_ offset: Int64, _ kind: Kind) -> String {
    let digits = String(offset)
    return String(repeating: "0", count: max(0, 20 - digits.utf8.count)) + digits + "." + kind.rawValue
  }

  /// The offset and kind of a file's name; nil where it is none of a segment's.
  static func parse(_ name: String) -> (offset: Int64, kind: Kind)? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count == 20, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let offset = Int64(parts[0]), let kind = Kind(rawValue: String(parts[1]))
    else { return nil }
    return (offset, kind)
  }
}
