/// What one sync of a partition takes: made while the partition is guarded, carried out outside, brought back by
/// ``PartitionLog/finish(_:)``.
package struct SyncTicket: Sendable {
  let files: [any LogFile]
  let directory: String
  let layer: any FileLayer
  let end: PartitionLog.Place
  /// Tickets of a partition are numbered.
  let number: Int
  /// Whether segments were made whose names are not durable.
  let hasNames: Bool
  /// Of the last roll, where there was one.
  let closing: RollSnapshot?
  /// What a commit journal takes instead of a sync; nil where it would be too much, or more than bytes of one segment is to be
  /// made durable.
  package let journalEntry: JournalEntry?

  /// How many files it syncs.
  package var fileCount: Int { files.count }
  /// Everything before this offset is durable once it has been carried out.
  package var endOffset: Int64 { end.offset }

  /// Begins, and does not wait: worth it before several tickets are carried out one after the other.
  package func begin() {
    for file in files { file.beginSync() }
  }

  /// Makes it durable. Blocks: not on a loop.
  ///
  /// - Throws: ``FileError``: what was written since the last sync may be there or not, whatever is tried now. The process must
  ///   end; the next one finds what is there.
  package func sync() throws(FileError) {
    for file in files { try file.sync() }
    do throws(FileError) {
      if hasNames { try layer.syncDirectory(directory) }
      if let closing { try close(closing) }
    } catch  where error.isMissing {
      // The topic was deleted meanwhile: its folder has another name, and nobody waits for its records.
    }
  }

  private func close(_ closing: RollSnapshot) throws(FileError) {
    do throws(FileError) {
      for path in closing.indexes {
        do throws(FileError) { try layer.open(path, .existing).sync() } catch  where error.isMissing {
          // Records were deleted meanwhile, and the segment with them.
        }
      }
      try layer.replace("\(directory)/\(SegmentName.file(closing.offset, .snapshot))", with: closing.bytes)
    } catch  where error.isOutOfSpace && !error.isFailedSync {
      // Without it a start looks at more. Only a sync that fails leaves unknown what is on the disk.
    }
  }
}
