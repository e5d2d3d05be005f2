/// Names of the log fields of topics and their administration.
enum TopicSignals {
  static let topic = "kafka.topic"
  static let partition = "kafka.partition"
  static let topicID = "kafka.topic.id"
  static let partitionCount = "kafka.partitions"
  static let folder = "folder"
  static let reason = "reason"
  static let byteCount = "bytes"
  static let fileCount = "files"
}
