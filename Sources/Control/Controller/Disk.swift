internal import Catalogue
internal import EventLoop
internal import MillraceDomain

/// The write-ahead log behind a thread of its own: what blocks runs there, one call after the other.
final class Disk: Sendable {
  private let pool: BlockingPool
  private let log: WriteAheadLog

  private init(pool: BlockingPool, log: WriteAheadLog) {
    self.pool = pool
    self.log = log
  }

  /// Opens the log on the thread.
  static func open(_ files: any ControlFiles) async throws -> (Disk, WriteAheadLog.Recovery) {
    let pool: BlockingPool
    do { pool = try BlockingPool(name: "controller-disk", threads: 1, queueLimit: 16) } catch {
      throw ControllerError(.storage, "no thread for the disk", underlying: error.description)
    }
    let (log, recovery) = try await pool.run { try WriteAheadLog.open(files) }
    return (Disk(pool: pool, log: log), recovery)
  }

  func append(_ entries: [LogEntry]) async throws {
    let log = log
    try await pool.run { try log.append(entries) }
  }

  func keepSnapshot(of state: CatalogueState, term: Term, published: CatalogueIndex) async throws {
    let log = log
    try await pool.run {
      let snapshot = Snapshot(index: LogIndex(state.appliedIndex.number), term: term, state: state.encoded())
      try log.keep(snapshot, published: LogIndex(published.number))
    }
  }
}
