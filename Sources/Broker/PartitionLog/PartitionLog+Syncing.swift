extension PartitionLog {
  /// What a sync would cover now; nil where nothing was appended since the last. What the ticket covers is taken to be synced:
  /// where its sync fails, the process ends. One that is made while another is out covers that too.
  package func syncTicket() throws(PartitionLogError) -> SyncTicket? {
    guard !unsynced.isEmpty || hasUnsyncedNames else { return nil }
    do throws(FileError) {
      let covered = outstanding.filter { old in !unsynced.contains { $0 === old } } + unsynced
      var logs: [any LogFile] = []
      for segment in covered { logs.append(try segment.log()) }
      ticketCount += 1
      let closing = rollSnapshot?.following(outstandingClosing) ?? outstandingClosing
      let ticket = SyncTicket(
        files: logs, directory: directory, layer: files, end: endPlace, number: ticketCount,
        hasNames: hasUnsyncedNames || !outstanding.isEmpty, closing: closing, journalEntry: journalEntry(logs, closing))
      outstandingClosing = closing
      outstanding = covered
      unsynced = []
      rollSnapshot = nil
      hasUnsyncedNames = false
      unsyncedRecordCount = 0
      return ticket
    } catch { throw PartitionLogError(error) }
  }

  private func journalEntry(_ logs: [any LogFile], _ closing: RollSnapshot?) -> JournalEntry? {
    let (start, end) = (durablePlace, endPlace)
    let byteCount = end.position - start.position
    guard options.flush.holdsAcknowledgement, let file = logs.first, logs.count == 1, closing == nil, !hasUnsyncedNames,
      outstanding.isEmpty, start.segment == end.segment, byteCount > 0, byteCount <= LogLimits.journalEntryBytes
    else { return nil }
    return JournalEntry(
      topicID: topicID, folder: FilePath.name(of: directory), segment: end.segment, position: start.position,
      byteCount: Int(byteCount), file: file)
  }

  /// A ticket was carried out, by its sync or a journal's: what it covers may be read.
  package func finish(_ ticket: SyncTicket) {
    if ticket.number == ticketCount { (outstanding, outstandingClosing) = ([], nil) }
    if ticket.end.offset > highWatermarkPlace.offset { highWatermarkPlace = ticket.end }
    if ticket.end.offset > durablePlace.offset { durablePlace = ticket.end }
    recoveryPoint = max(recoveryPoint, ticket.closing?.offset ?? 0)
  }

  // MARK: checkpoints

  /// What a checkpoint makes durable: the segments behind the recovery point with their indexes, and what is known of producers.
  package struct Checkpoint: Sendable {
    fileprivate let offset: Int64
    fileprivate let files: [any LogFile]
    fileprivate let snapshot: [UInt8]
    fileprivate let directory: String
    fileprivate let layer: any FileLayer

    /// Carries it out. Blocks: not on a loop.
    ///
    /// - Throws: ``FileError``, where the recovery point must stay as it was; after a failed sync the process must end.
    package func perform() throws(FileError) {
      for file in files { try file.sync() }
      do throws(FileError) {
        try layer.syncDirectory(directory)
        try layer.replace("\(directory)/\(SegmentName.file(offset, .snapshot))", with: snapshot)
      } catch  where error.isMissing {
        // The topic was deleted meanwhile: its folder has another name.
      }
    }

    /// Removes the snapshots that nobody needs any more, once it was carried out and is finished. Blocks.
    package func removeOldSnapshots() throws(FileError) {
      let snapshots = try layer.names(in: directory).compactMap(SegmentName.parse).filter { $0.kind == .snapshot }
      // The newest two stay: the last one, and one to fall back to where it is damaged.
      for offset in snapshots.map(\.offset).sorted().dropLast(2) {
        try layer.remove("\(directory)/\(SegmentName.file(offset, .snapshot))")
      }
    }
  }

  /// A checkpoint at the end; nil where the recovery point is there already.
  package func checkpoint() throws(PartitionLogError) -> Checkpoint? {
    guard recoveryPoint < logEndOffset else { return nil }
    do throws(FileError) {
      var all: [any LogFile] = []
      for segment in segments.reversed() {
        try segment.writeIndex(.open)
        all += try segment.filesToSync()
        // One that ends where the recovery point is may have been closed since: its indexes got their last entries then.
        if segment.baseOffset < recoveryPoint { break }
      }
      return Checkpoint(
        offset: logEndOffset, files: all, snapshot: ProducerSnapshot.encode(producers), directory: directory,
        layer: files)
    } catch { throw PartitionLogError(error) }
  }

  /// A checkpoint was carried out: starts look only at what lies behind it.
  package func finish(_ checkpoint: Checkpoint) {
    recoveryPoint = max(recoveryPoint, checkpoint.offset)
    if let roll = rollSnapshot, roll.offset <= checkpoint.offset { rollSnapshot = nil }
  }

  /// Writes what is still in memory and makes everything durable: the next start takes the files as they are. Blocks.
  package func close() throws(PartitionLogError) {
    let ticket = try syncTicket()
    do throws(FileError) { try ticket?.sync() } catch { throw PartitionLogError(error) }
    if let ticket { finish(ticket) }
    guard let checkpoint = try checkpoint() else { return }
    do throws(FileError) {
      try checkpoint.perform()
      finish(checkpoint)
      try checkpoint.removeOldSnapshots()
    } catch { throw PartitionLogError(error) }
  }
}
