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
