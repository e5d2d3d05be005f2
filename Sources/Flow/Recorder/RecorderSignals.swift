/// Names of the recorder's metrics and log fields.
enum RecorderSignals {
  static let label = "recorder"
  static let batchSeconds = "recorder.batch.seconds"
  static let batchRecords = "recorder.batch.records"
  static let records = "recorder.records"
  static let rejections = "recorder.rejections"
  static let oldestAge = "recorder.oldest.seconds"
  static let ownedShards = "recorder.shards"
  static let repeats = "recorder.repeats"
  static let fenced = "recorder.fenced"

  static let reason = "reason"
  static let code = "code"
  static let topic = "kafka.topic"
  static let partition = "kafka.partition"
  static let offset = "kafka.offset"
  static let shards = "shards"
  static let pause = "pause"
  static let migrations = "migrations"
  static let months = "months"
}
