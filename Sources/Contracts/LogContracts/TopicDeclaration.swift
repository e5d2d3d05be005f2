/// How Kafka gets rid of old records of a topic.
package enum TopicCleanup: String, Sendable, Hashable {
  /// By age.
  case delete
  /// All but the newest record of each key.
  case compact
  /// Both.
  case compactAndDelete = "compact,delete"
}

/// When a broker puts a topic's records on the disk. Brokers whose records are safe by copies go by nothing else than the
/// copies; one that acknowledges what is on its disk, as the embedded one does, does not make a producer wait for it.
package enum TopicSync: Sendable, Hashable {
  /// As the broker does it with any topic.
  case asTheBroker
  /// After so long at the latest.
  case every(milliseconds: Int64)
  /// Whenever the system does: what is lost with the power may be lost.
  case never
}

/// A topic as the platform needs it. `topics/<name>.yaml` says the same for people and other programs; a test holds the two
/// together.
package struct TopicDeclaration: Hashable, Sendable {
  /// The full name.
  package let name: String
  /// How many partitions it is created with. More may be added where `canGrow`.
  package let partitions: Int32
  /// Whether partitions may be added later without breaking who finds what where.
  package let canGrow: Bool
  /// How old records go.
  package let cleanup: TopicCleanup
  /// How long records stay, in milliseconds; nil: for ever.
  package let retentionMilliseconds: Int64?
  /// The largest record batch the topic takes, in bytes.
  package let maximumMessageBytes: Int32
  /// The `ce_type` of its records.
  package let recordType: String
  /// The schema version its records are written in; readers refuse any other.
  package let schemaVersion: Int64
  /// When its records are put on the disk.
  package var sync = TopicSync.asTheBroker
  /// After how long a partition begins its next file, in milliseconds; nil: as the broker does. Old records go by whole
  /// files, and only when the next one has begun.
  package var segmentMilliseconds: Int64?
  /// At which size a partition begins its next file, in bytes; nil: as the broker does.
  package var segmentBytes: Int32?
}

extension TopicDeclaration {
  private static let day: Int64 = 86_400_000
  private static let mebibyte: Int32 = 1_048_576

  /// One invocation to run: the event as the value, everything else in headers.
  package static let tasks = TopicDeclaration(
    name: "millrace.tasks", partitions: 8, canGrow: false, cleanup: .delete, retentionMilliseconds: 7 * day,
    maximumMessageBytes: 8 * mebibyte, recordType: "millrace.task", schemaVersion: 1)
  /// The outcome of one attempt, on the partition number of its task.
  package static let results = TopicDeclaration(
    name: "millrace.results", partitions: 8, canGrow: false, cleanup: .delete, retentionMilliseconds: 30 * day,
    maximumMessageBytes: 8 * mebibyte, recordType: "millrace.result", schemaVersion: 1)
  /// The outcome for a caller that waits, on the partition its gateway named. Nothing here is lost for good: the task is
  /// on the disk, so an outcome lost with the power is worked out again.
  package static let replies = TopicDeclaration(
    name: "millrace.replies", partitions: 8, canGrow: true, cleanup: .delete, retentionMilliseconds: 600_000,
    maximumMessageBytes: 8 * mebibyte, recordType: "millrace.reply", schemaVersion: 1, sync: .never,
    segmentMilliseconds: 300_000, segmentBytes: 64 * mebibyte)
  /// Captured output in order, on the partition number of the task.
  package static let logs = TopicDeclaration(
    name: "millrace.logs", partitions: 8, canGrow: false, cleanup: .delete, retentionMilliseconds: 7 * day,
    maximumMessageBytes: mebibyte, recordType: "millrace.log", schemaVersion: 1, sync: .every(milliseconds: 100))
  /// Functions submitted for build.
  package static let submissions = TopicDeclaration(
    name: "millrace.submissions", partitions: 1, canGrow: true, cleanup: .delete, retentionMilliseconds: 7 * day,
    maximumMessageBytes: mebibyte, recordType: "millrace.submission", schemaVersion: 1)
  /// Code in chunks, content addressed.
  package static let code = TopicDeclaration(
    name: "millrace.code", partitions: 1, canGrow: false, cleanup: .compact, retentionMilliseconds: nil,
    maximumMessageBytes: mebibyte, recordType: "millrace.code", schemaVersion: 1)
  /// Every committed change of the catalogue. One partition: its order is the order of the changes.
  package static let functions = TopicDeclaration(
    name: "millrace.functions", partitions: 1, canGrow: false, cleanup: .compact, retentionMilliseconds: nil,
    maximumMessageBytes: mebibyte, recordType: "millrace.catalogue-change", schemaVersion: 1)
  /// Records that could not be processed, whole, with the true reason.
  package static let deadLetters = TopicDeclaration(
    name: "millrace.deadletters", partitions: 1, canGrow: true, cleanup: .delete, retentionMilliseconds: 30 * day,
    maximumMessageBytes: 9 * mebibyte, recordType: "millrace.deadletter", schemaVersion: 1)
  /// Load, free capacity and runtimes of each executor, once a second.
  package static let executors = TopicDeclaration(
    name: "millrace.executors", partitions: 1, canGrow: true, cleanup: .compactAndDelete, retentionMilliseconds: day,
    maximumMessageBytes: mebibyte, recordType: "millrace.executor", schemaVersion: 1, segmentMilliseconds: 3_600_000)

  /// Every topic there is.
  package static let all: [TopicDeclaration] = [
    .tasks, .results, .replies, .logs, .submissions, .code, .functions, .deadLetters, .executors,
  ]
}
