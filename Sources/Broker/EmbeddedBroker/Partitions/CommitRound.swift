internal import EventLoop
internal import PartitionLog
internal import Telemetry

/// What one thread of the committer does with what it has taken.
struct CommitRound: Sendable {
  let work: CommitQueue
  let journal: CommitJournal
  let failed: @Sendable (String) -> Void

  func perform(_ taken: CommitWork) {
    do throws(FileError) {
      switch taken {
      case .gather(let partitions, let company): try gather(partitions, company)
      case .sync(let commits): try sync(commits)
      case .emptyJournal:
        try journal.empty()
        work.endEmptying()
      }
    } catch { failed("\(error)") }
  }

  /// Decides who is synced and who goes into the journal. Writes the journal where there is anything for it, and leaves the syncs to
  /// other threads; takes its share of the syncs otherwise.
  private func gather(_ partitions: [Partition], _ company: CommitRules.Company) throws(FileError) {
    let commits = begin(partitions)
    let journaled = CommitRules.journaled(
      commits.map(\.ticket.journalEntry?.byteCount), company, frameLimitBytes: LogLimits.journalFrameBytes)
    guard !journaled.isEmpty else { return try sync(work.endGathering(leaving: commits)) }
    work.add(commits.indices.filter { !journaled.contains($0) }.map { commits[$0] })
    let taken = journaled.map { commits[$0] }
    let began = LoopInstant.current()
    switch try journal.write(taken.compactMap(\.ticket.journalEntry)) {
    case .written(let isFull):
      count(taken, since: began)
      BrokerMetrics.shared.journaled.increment(by: taken.count)
      // This thread takes again at once: nobody has to be woken for those that are due again.
      work.add(taken.filter { $0.partition.endCommit($0.ticket) }.map(\.partition), waking: .none)
      if isFull { work.beginEmptying() }
      _ = work.endGathering(leaving: [])
    case .refused:
      BrokerMetrics.shared.journalRefusals.increment()
      try sync(work.endGathering(leaving: taken))
    }
  }

  private func begin(_ partitions: [Partition]) -> [Commit] {
    var commits: [Commit] = []
    for partition in partitions {
      do throws(PartitionLogError) {
        if let ticket = try partition.beginCommit() { commits.append(Commit(partition: partition, ticket: ticket)) }
      } catch { failed("\(partition.topic)-\(partition.index): \(error)") }
    }
    return commits
  }

  private func sync(_ commits: [Commit]) throws(FileError) {
    guard let last = commits.indices.last else { return }
    let began = LoopInstant.current()
    if last > 0 {
      for commit in commits { commit.ticket.begin() }
    }
    for (index, commit) in commits.enumerated() {
      try commit.ticket.sync()
      guard commit.partition.endCommit(commit.ticket) else { continue }
      work.add([commit.partition], waking: index == last ? .none : .one)
    }
    count(commits, since: began)
    BrokerMetrics.shared.synced.increment(by: commits.count)
    work.endSync()
  }

  private func count(_ commits: [Commit], since began: LoopInstant) {
    BrokerMetrics.shared.commitTime.record(LoopInstant.current() - began)
    BrokerMetrics.shared.commitPartitions.record(Double(commits.count))
  }
}

/// A partition with what is to be made durable of it.
struct Commit: Sendable {
  let partition: Partition
  let ticket: SyncTicket
}
