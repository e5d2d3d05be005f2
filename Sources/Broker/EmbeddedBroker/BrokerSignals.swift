internal import KafkaWire
internal import Telemetry

/// Names in the broker's log lines and metrics.
package enum BrokerSignals {
  static let client = "client.host"
  static let reason = "reason"
  static let topic = "kafka.topic"
  static let partition = "kafka.partition"
  static let path = "file.path"
  static let milliseconds = "duration.milliseconds"
  static let bytes = "bytes"
  static let count = "count"
  static let address = "listen.address"
  static let partitions = "partitions"
  static let shutdown = "last.shutdown"
  static let cluster = "kafka.cluster"
}

/// What the broker counts, but for its groups. One for the process: broker after broker counts on.
struct BrokerMetrics: Sendable {
  static let shared = BrokerMetrics()

  // Clients.
  let connections = MetricsRegistry.shared.gauge("broker.connections", help: "Connections that are open")
  let received = MetricsRegistry.shared.counter("broker.received.bytes", help: "Bytes that clients have sent")
  let sent = MetricsRegistry.shared.counter("broker.sent.bytes", help: "Bytes that clients were sent")
  let stalls = MetricsRegistry.shared.counter(
    "broker.request.stalls", help: "Times that a connection was not read because requests under way hold all memory")
  let requestMemory = MetricsRegistry.shared.gauge(
    "broker.requests.held.bytes", help: "Bytes of requests under way that are counted")
  let responseMemory = MetricsRegistry.shared.gauge(
    "broker.responses.held.bytes", help: "Bytes of fetches under way that are counted")
  let waits = MetricsRegistry.shared.counter("broker.fetch.waits", help: "Fetches that have waited for records")
  let waiting = MetricsRegistry.shared.gauge("broker.fetch.waiting", help: "Fetches that wait for records")

  // Records.
  let appendedBytes = MetricsRegistry.shared.counter(
    "broker.produced.bytes", help: "Bytes of batches that clients have appended")
  let appendedBatches = MetricsRegistry.shared.counter(
    "broker.produced.batches", help: "Batches that clients have appended")
  let appendedRecords = MetricsRegistry.shared.counter(
    "broker.produced.records", help: "Records that clients have appended")
  let fetchedBytes = MetricsRegistry.shared.counter(
    "broker.fetched.bytes", help: "Bytes of batches that clients were sent")

  // The disk.
  let commitTime = MetricsRegistry.shared.histogram(
    "broker.commit.seconds", help: "How long it takes to make appends durable, of one thread's share")
  let commitPartitions = MetricsRegistry.shared.histogram(
    "broker.commit.partitions", help: "Partitions that were made durable together", range: .counts)
  let checkpointTime = MetricsRegistry.shared.histogram(
    "broker.checkpoint.seconds", help: "How long a checkpoint of all partitions takes")
  let journaled = MetricsRegistry.shared.counter(
    "broker.commit.journaled", help: "Commits of a partition that the commit journal made durable")
  let synced = MetricsRegistry.shared.counter(
    "broker.commit.synced", help: "Commits of a partition that a sync of its own made durable")
  let journalRefusals = MetricsRegistry.shared.counter(
    "broker.commit.refusals", help: "Times that the commit journal had no room, and partitions were synced instead")
  let startTime = MetricsRegistry.shared.gauge("broker.start.seconds", help: "How long the start took")
  let topics = MetricsRegistry.shared.gauge("broker.topics", help: "Topics")
  let partitions = MetricsRegistry.shared.gauge("broker.partitions", help: "Partitions of all topics")
  let segments = MetricsRegistry.shared.gauge("broker.log.segments", help: "Segments of all partitions")
  let producers = MetricsRegistry.shared.gauge(
    "broker.producers", help: "Producers whose batches' numbers are remembered, of each partition")
  let logBytes = MetricsRegistry.shared.gauge("broker.log.bytes", help: "Bytes of all segments")
  let retired = MetricsRegistry.shared.counter(
    "broker.retention.segments", help: "Segments that were deleted because they were too old or too many")
  let refused = MetricsRegistry.shared.counter(
    "broker.disk.refusals", help: "Batches that were refused because the disk did")
  let reserve = MetricsRegistry.shared.gauge(
    "broker.reserve.bytes", help: "Bytes of the disk that are held for topics, offsets and checkpoints")
  let full = MetricsRegistry.shared.gauge(
    "broker.disk.full", help: "1 while clients' batches are refused because the disk was full, 0 otherwise")
}

/// What is counted of requests, by API.
struct RequestMetrics: Sendable {
  static let shared = RequestMetrics()

  private let requests: [APIKey: Counter]
  private let produceTime: Histogram
  private let fetchTime: Histogram
  private let otherTime: Histogram

  private init() {
    requests = Dictionary(
      uniqueKeysWithValues: APITable.advertised.map { entry in
        (
          entry.key,
          MetricsRegistry.shared.counter(
            "broker.requests", help: "Requests that clients have sent", labels: [("api", "\(entry.key)")])
        )
      })
    func time(_ api: String) -> Histogram {
      MetricsRegistry.shared.histogram(
        "broker.request.seconds",
        help: "From a whole request to its answer; of a fetch with the time that it waits for records",
        labels: [("api", api)])
    }
    (produceTime, fetchTime, otherTime) = (time("produce"), time("fetch"), time("other"))
  }

  /// A request has been read.
  func began(_ key: APIKey) { requests[key]?.increment() }

  /// It was answered.
  func ended(_ key: APIKey, after duration: Duration) {
    switch key {
    case .produce: produceTime.record(duration)
    case .fetch: fetchTime.record(duration)
    case _: otherTime.record(duration)
    }
  }

  /// An answer tells errors, each counted: several topics may have one each. Rare, so the counter is looked for.
  func told(_ errors: [ErrorCode], _ key: APIKey) {
    for error in errors {
      MetricsRegistry.shared.counter(
        "broker.errors", help: "Errors that answers have told, by Kafka's number",
        labels: [("api", "\(key)"), ("code", "\(error.rawValue)")]
      ).increment()
    }
  }
}
