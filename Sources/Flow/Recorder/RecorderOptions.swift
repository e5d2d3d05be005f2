internal import Telemetry
package import EventLog
internal import LogContracts
internal import LogRecords
package import MillraceDomain
package import Postgres

/// What a recorder reads and where it writes.
package struct RecorderOptions: Sendable {
  /// The topics, which tests give names of their own.
  package struct Topics: Sendable {
    package var tasks: String
    package var results: String
    package var logs: String
    package var deadLetters: String
    /// How many partitions tasks, results and logs have.
    package var partitions: Int32
    /// How many partitions the dead letters have.
    package var deadLetterPartitions: Int32

    /// The topics as they are declared.
    package init() {
      tasks = TopicDeclaration.tasks.name
      results = TopicDeclaration.results.name
      logs = TopicDeclaration.logs.name
      deadLetters = TopicDeclaration.deadLetters.name
      partitions = TopicDeclaration.tasks.partitions
      deadLetterPartitions = TopicDeclaration.deadLetters.partitions
    }
  }

  /// The log.
  package var log: EventLogOptions
  /// The database.
  package var database: PostgresOptions
  /// The topics.
  package var topics = Topics()
  /// Who this is, as the source of dead letters: `/millrace/recorder/<id>`.
  package var id: ComponentID
  /// The pauses between attempts while the database is away.
  package var backOff = BackOff()
  /// The wall clock.
  package var now: @Sendable () -> Timestamp

  /// The system's clock.
  package static let wallClock: @Sendable () -> Timestamp = { Timestamp(milliseconds: WallClock.milliseconds()) }

  /// Options with defaults for the rest.
  package init(
    id: ComponentID, log: EventLogOptions, database: PostgresOptions,
    now: @escaping @Sendable () -> Timestamp = RecorderOptions.wallClock
  ) {
    self.id = id
    self.log = log
    self.database = database
    self.now = now
  }
}
