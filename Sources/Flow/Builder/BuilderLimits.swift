/// The builder's bounds.
enum BuilderLimits {
  /// Bytes of the handler's file, which is parsed.
  static let sourceByteCount = 4 << 20
  /// How long parsing may take.
  static let parseTime: Duration = .seconds(10)
  /// What the parser may write: a verdict.
  static let parserOutputByteCount = 16 << 10
  /// What the parser may hold.
  static let parserMemoryByteCount: UInt64 = 1 << 30
  /// What the parser may compute.
  static let parserProcessorSeconds: UInt64 = 10
  /// Submissions taken from the log and not built yet; the partition pauses beyond, and goes on at half.
  static let queuedSubmissions = 64
  /// Submissions that are built at once: the parser's process and the round trips of one overlap with those of others.
  static let submissionsTogether = 4
  /// Characters of a reason.
  static let reasonCharacters = 1_500
}
