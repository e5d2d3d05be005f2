package import EventLoop
package import PartitionLog

/// Makes appends durable: a few threads take the partitions that have something, make it durable, let go on who waited, and take what
/// has come meanwhile. No timer: a batch is what arrived during the last commit.
///
/// One partition at a time is synced. Where several have a little each, a commit journal takes them all with one sync; what is too
/// much for it is synced by several threads at once (docs/decisions/0008-syncing-many-partitions.md).
package final class Committer: Sendable {
  private let work: CommitQueue

  /// A committer whose threads run. `failed` is called where a sync has failed: what is on the disk is unknown then, so the process
  /// must end, and the next one looks.
  package init(
    _ journal: CommitJournal, threads: Int = BrokerLimits.syncThreads, failed: @escaping @Sendable (String) -> Void
  ) throws(EventLoopError) {
    work = CommitQueue(takers: threads)
    let round = CommitRound(work: work, journal: journal, failed: failed)
    for index in 0..<threads {
      try LoopThread.start(name: "committer-\(index)") { [work] in
        while let taken = work.take() { round.perform(taken) }
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
