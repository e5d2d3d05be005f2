internal import EventLog

/// The bounds of the recorder.
package enum RecorderLimits {
  /// A batch is written when it has so many records, so many bytes, or when its first record has waited so long. While one
  /// batch is written the next one is gathered; when that is full too, reading pauses.
  package static let batchRecords = 5_000
  package static let batchBytes = 8 << 20
  package static let batchWait: Duration = .milliseconds(5)
  /// Under light load the broker gathers for the recorder: woken for each record, both would take more time from the
  /// invocations than the records are worth.
  static let pace = PartitionReader.Pace.gathering(bytes: 65_536, milliseconds: 20)
  /// How much the log client may have fetched ahead, in kibibytes.
  static let prefetchedKibibytes = 16_384
  /// How often a recorder looks whether shards are to be taken or given up.
  static let balanceInterval: Duration = .seconds(1)
  /// How often partitions for the months to come are looked after.
  static let monthsInterval: Duration = .seconds(3600)
  /// The months made ahead of the present one.
  static let monthsAhead = 2
  /// The pauses between attempts to reach a log that does not take a dead letter.
  static let deadLetterPause: Duration = .milliseconds(200)
}
