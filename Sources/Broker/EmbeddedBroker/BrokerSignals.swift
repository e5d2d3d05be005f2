/// Names in the broker's log lines and metrics.
package enum BrokerSignals {
  static let client = "client.host"
  static let reason = "reason"
  static let topic = "kafka.topic"
  static let partition = "kafka.partition"
  static let path = "file.path"
  static let milliseconds = "duration.milliseconds"
  static let count = "count"
  static let cluster = "kafka.cluster"
}
