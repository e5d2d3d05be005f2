/// How a partition keeps what it is given: a topic's settings and the broker's defaults. Times are in milliseconds.
package struct LogOptions: Sendable, Equatable {
  /// What becomes of old records.
  package struct Cleanup: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Segments go by age and size.
    package static let delete = Cleanup(rawValue: 1)
    /// The last record of each key stays. Nothing is removed for it yet.
    package static let compact = Cleanup(rawValue: 2)
  }

  /// Whose time a record has.
  package enum TimestampType: Sendable, Equatable {
    /// The producer's.
    case createTime
    /// The broker's, at the append.
    case logAppendTime
  }

  /// A segment is closed before it has more (`segment.bytes`).
  package var segmentBytes: Int64 = 128 << 20
  /// A segment is closed when it is so old (`segment.ms`).
  package var segmentMilliseconds: Int64 = 604_800_000
  /// Segments older than this go (`retention.ms`); nil keeps them.
  package var retentionMilliseconds: Int64? = 604_800_000
  /// The oldest segments go while there is more than this (`retention.bytes`); nil keeps them.
  package var retentionBytes: Int64?
  /// What becomes of old records (`cleanup.policy`).
  package var cleanup: Cleanup = .delete
  /// The largest batch that is taken (`max.message.bytes`).
  package var maximumMessageBytes = 1_048_588
  /// Whose time a record has (`message.timestamp.type`).
  package var timestampType: TimestampType = .createTime
  /// How far ahead of now a producer's time may be (`message.timestamp.after.max.ms`).
  package var timestampAfterMaximumMilliseconds: Int64 = 3_600_000
  /// How far behind now a producer's time may be (`message.timestamp.before.max.ms`).
  package var timestampBeforeMaximumMilliseconds: Int64 = .max
  /// Bytes between two entries of an index (`index.interval.bytes`).
  package var indexIntervalBytes = 4_096
  /// A segment is closed when its index has so many bytes (`segment.index.bytes`).
  package var indexBytes = 10 << 20
  /// When appended records are made durable (`flush.messages`, `flush.ms`, the broker's durability).
  package var flush: FlushPolicy = .group

  package init() {}
}
