package import EventLoop
internal import PartitionLog

/// Makes appends durable: a few threads take the partitions that have something, sync them, let go on who waited, and take what has
/// come meanwhile. No timer: a batch is what arrived during the last sync of its partition.
///
/// Several files are synced at once because the file system's journal then commits them together, where one after the other each
/// would wait for a commit of its own (docs/decisions/0008-syncing-many-partitions.md).
package final class Committer: Sendable {
  private let work: CommitQueue

  /// A committer whose threads run. `failed` is called where a sync has failed: what is on the disk is unknown then, so the process
  /// must end, and the next one looks.
  package init(
    threads: Int = BrokerLimits.syncThreads, failed: @escaping @Sendable (String) -> Void
  ) throws(EventLoopError) {
    work = CommitQueue(takers: threads)
    let round = CommitRound(work: work, failed: failed)
    for index in 0..<threads {
      try LoopThread.start(name: "committer-\(index)") { [work] in
        while let partitions = work.take() { round.commit(partitions) }
      }
    }
  }

  deinit { work.close() }

  /// Takes note of what appends have made due.
  func add(_ dues: CommitDues) {
    if !dues.now.isEmpty { work.add(dues.now) }
    for (partition, delay) in dues.later { work.add(partition, at: LoopInstant.current() + .milliseconds(delay)) }
  }
}

/// Partitions that have something to be made durable.
struct CommitDues: Sendable {
  /// At once.
  var now: [Partition] = []
  /// Within so many milliseconds.
  var later: [(partition: Partition, milliseconds: Int64)] = []
}

/// What one thread does with the partitions that it has taken.
private struct CommitRound: Sendable {
  let work: CommitQueue
  let failed: @Sendable (String) -> Void

  func commit(_ partitions: [Partition]) {
    var tickets: [(Partition, SyncTicket)] = []
    for partition in partitions {
      do throws(PartitionLogError) {
        if let ticket = try partition.beginCommit() { tickets.append((partition, ticket)) }
      } catch { return failed("\(partition.topic)-\(partition.index): \(error)") }
    }
    if tickets.count > 1 {
      for (_, ticket) in tickets { ticket.begin() }
    }
    do throws(FileError) {
      for (partition, ticket) in tickets {
        try ticket.sync()
        if partition.endCommit(ticket) { work.add([partition]) }
      }
    } catch { failed("\(error)") }
  }
}
