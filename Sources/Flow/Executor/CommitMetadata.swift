/// The text committed beside an offset of `tasks`: `results@<offset>`, where the results of the uncommitted tasks begin.
enum CommitMetadata {
  private static let prefix = "results@"

  static func text(resultsOffset: Int64) -> String { prefix + String(resultsOffset) }

  /// Nil where it is none of ours: all results have to be looked at then.
  static func resultsOffset(_ text: String?) -> Int64? {
    guard let text, text.hasPrefix(prefix), let offset = Int64(text.dropFirst(prefix.count)), offset >= 0 else {
      return nil
    }
    return offset
  }
}
