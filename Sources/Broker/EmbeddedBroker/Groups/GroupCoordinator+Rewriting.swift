internal import EventLoop
internal import KafkaWire
internal import PartitionLog
internal import Telemetry

extension GroupCoordinator {
  /// Begins to write the whole state again, where the log has grown long.
  func rewriteIfLong(_ log: any StateLog) {
    guard rewriting.isDue else { return }
    rewriting.begin(at: log.endOffset, groups: groups.keys.sorted())
    // On a turn of its own: whoever appends now has not noted it yet, and must be in what is written.
    loop.nextRound { [self] in rewriteMore() }
  }

  /// Writes some groups. The next ones come when these are durable: clients have the disk in between.
  private func rewriteMore() {
    var records: [GroupRecord] = []
    var byteCount = 0
    while byteCount < GroupLimits.rewriteBatchBytes, let id = rewriting.next() {
      do throws(PartitionLogError) {
        for record in try state(of: id) {
          let size = record.size
          if byteCount > 0, byteCount + size > GroupLimits.rewriteBatchBytes {
            try append(records) {}
            (records, byteCount) = ([], 0)
          }
          records.append(record)
          byteCount += size
          rewriting.wrote(size)
        }
      } catch { return giveUpRewriting(error) }
    }
    guard !records.isEmpty else { return forgetWhatWasRewritten() }
    do throws(PartitionLogError) { try append(records) { [self] in rewriteMore() } } catch { giveUpRewriting(error) }
  }

  /// Everything that the log has to say of a group.
  private func state(of id: String) throws(PartitionLogError) -> [GroupRecord] {
    var records: [GroupRecord] = []
    if let value = groups[id]?.record { records.append(GroupRecord(key: .group(id), value: value)) }
    for (partition, offset) in offsets.latest(of: id) {
      records.append(try offsetRecord(id, OffsetStore.Change(partition: partition, offset: offset)))
    }
    return records
  }

  func offsetRecord(_ group: String, _ change: OffsetStore.Change) throws(PartitionLogError) -> GroupRecord {
    do throws(WireError) {
      let value = try change.offset.map { offset throws(WireError) in
        try OffsetValue(offset).encoded(OffsetValue.version)
      }
      return GroupRecord(key: .offset(group: group, change.partition), value: value)
    } catch { throw PartitionLogError(.messageTooLarge, error.message) }
  }

  /// The state stays where it is, in the old records.
  private func giveUpRewriting(_ error: PartitionLogError) {
    rewriting.end()
    logger.warning("the state of groups could not be written again", [(GroupSignals.reason, error.message)])
  }

  private func forgetWhatWasRewritten() {
    guard case .ready(let log) = phase, let start = rewriting.start, let pool = rewriting.pool else { return }
    let now = clock()
    loop.spawn { [self] in
      do {
        try await pool.run { try log.forget(before: start, nowMilliseconds: now) }
        metrics.rewrites.increment()
        logger.info("the state of groups was written again", [(GroupSignals.groups, "\(groups.count)")])
      } catch {
        logger.warning("the log of groups was not shortened", [(GroupSignals.reason, "\(error)")])
      }
      rewriting.end()
    }
  }
}

extension GroupRecord {
  /// About how many bytes it takes.
  fileprivate var size: Int { (value?.count ?? 0) + 128 }
}
