package import PartitionLog

extension BrokerConfigs {
  /// How the partitions of a topic for which those configs were set are kept.
  ///
  /// - Parameter standard: when records are put on the disk where neither the topic nor the broker says so.
  package func logOptions(topic: [String: String], flush standard: FlushPolicy) -> LogOptions {
    var options = LogOptions()
    let segment = topic["internal.segment.bytes"] == nil ? "segment.bytes" : "internal.segment.bytes"
    options.segmentBytes = number(segment, topic)
    options.segmentMilliseconds = number("segment.ms", topic)
    options.indexBytes = Int(number("segment.index.bytes", topic))
    options.indexIntervalBytes = Int(number("index.interval.bytes", topic))
    options.maximumMessageBytes = Int(number("max.message.bytes", topic))
    options.retentionMilliseconds = limit("retention.ms", topic)
    options.retentionBytes = limit("retention.bytes", topic)
    options.timestampAfterMaximumMilliseconds = number("message.timestamp.after.max.ms", topic)
    options.timestampBeforeMaximumMilliseconds = number("message.timestamp.before.max.ms", topic)
    options.timestampType =
      text("message.timestamp.type", topic) == "LogAppendTime" ? .logAppendTime : .createTime
    options.cleanup = cleanup(topic)
    options.flush = flush(topic) ?? standard
    return options
  }

  private func resolved(_ name: String, _ topic: [String: String]) -> ResolvedConfig {
    guard let config = TopicConfig.named(name) else { preconditionFailure("no config \(name) in the table") }
    return resolved(config, topic: topic)
  }

  private func text(_ name: String, _ topic: [String: String]) -> String { resolved(name, topic).value ?? "" }

  private func number(_ name: String, _ topic: [String: String]) -> Int64 {
    guard let number = Int64(text(name, topic)) else { preconditionFailure("\(name) was kept without being a number") }
    return number
  }

  private func limit(_ name: String, _ topic: [String: String]) -> Int64? {
    let number = number(name, topic)
    return number < 0 ? nil : number
  }

  private func cleanup(_ topic: [String: String]) -> LogOptions.Cleanup {
    var cleanup: LogOptions.Cleanup = []
    let policies = ConfigValue.elements(text("cleanup.policy", topic))
    if policies.contains("delete") { cleanup.insert(.delete) }
    if policies.contains("compact") { cleanup.insert(.compact) }
    return cleanup
  }

  /// What was set of syncs; nil where nothing was. Where both a number of records and a time were, an acknowledgement waits
  /// for the disk, which is never less than the one or the other.
  private func flush(_ topic: [String: String]) -> FlushPolicy? {
    let names = ["flush.messages", "flush.ms"]
    guard names.contains(where: { resolved($0, topic).source != .standard }) else { return nil }
    let (messages, milliseconds) = (number("flush.messages", topic), number("flush.ms", topic))
    return switch (messages, milliseconds) {
    case (1, _), (_, 0): .group
    case (.max, .max): .never
    case (.max, _): .interval(milliseconds: milliseconds)
    case (_, .max): .messages(messages)
    case _: .group
    }
  }
}
