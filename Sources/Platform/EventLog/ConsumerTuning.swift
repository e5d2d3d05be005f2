/// The fetch settings of consumers and readers.
enum ConsumerTuning {
  /// - Parameters:
  ///   - fetchBytes: the broker answers as soon as it has so many bytes.
  ///   - fetchWaitMilliseconds: and else after this time. Until then a partition that was added waits, and so does the news
  ///     that a partition's end is reached.
  static func settings(
    prefetchedKibibytes: Int, fetchBytes: Int = 1, fetchWaitMilliseconds: Int
  ) -> [(String, String)] {
    [
      ("fetch.min.bytes", String(fetchBytes)),
      ("fetch.wait.max.ms", String(fetchWaitMilliseconds)),
      ("fetch.error.backoff.ms", "50"),
      // The library looks at a full queue again only after a second: bound it by bytes and keep the count out of the way.
      ("queued.min.messages", "100000"),
      ("queued.max.messages.kbytes", String(prefetchedKibibytes)),
      ("check.crcs", "true"),
      ("isolation.level", "read_committed"),
      ("allow.auto.create.topics", "false"),
    ]
  }
}
