/// The fetch settings of consumers and readers.
enum ConsumerTuning {
  static func settings(prefetchedKibibytes: Int) -> [(String, String)] {
    [
      // The broker answers as soon as there is a byte, and else after half a second.
      ("fetch.min.bytes", "1"),
      ("fetch.wait.max.ms", "500"),
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
