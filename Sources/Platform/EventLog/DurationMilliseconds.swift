internal import EventLoop

extension Duration {
  /// Whole milliseconds, as the library's settings want them.
  var milliseconds: Int { Int(nanosecondsClamped / 1_000_000) }
}
