internal import LogContracts
internal import Telemetry

/// The recorder's metrics, made once.
struct RecorderMetrics {
  let batchSeconds = MetricsRegistry.shared.histogram(
    RecorderSignals.batchSeconds, help: "How long a batch takes to be written")
  let batchRecords = MetricsRegistry.shared.histogram(
    RecorderSignals.batchRecords, help: "Records in a batch", range: .counts)
  let oldestAge = MetricsRegistry.shared.gauge(
    RecorderSignals.oldestAge, help: "Age of the oldest record of the last batch when it was written")
  let ownedShards = MetricsRegistry.shared.gauge(
    RecorderSignals.ownedShards, help: "Shards that this recorder owns")
  let fenced = MetricsRegistry.shared.counter(
    RecorderSignals.fenced, help: "Partitions read again because the database had them elsewhere")
  let repeats = MetricsRegistry.shared.counter(
    RecorderSignals.repeats, help: "Batches in which something was recorded already")
  let records: [RecorderSource: Counter]

  init() {
    records = Dictionary(
      uniqueKeysWithValues: RecorderSource.allCases.map { source in
        let labels = [("topic", "\(source)")]
        return (
          source, MetricsRegistry.shared.counter(RecorderSignals.records, help: "Records read", labels: labels)
        )
      })
  }

  func reject(_ error: ContractError) {
    MetricsRegistry.shared.counter(
      RecorderSignals.rejections, help: "Records that could not be recorded", labels: [("code", error.code.name)]
    ).increment()
  }
}
