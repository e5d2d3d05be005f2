/// What one sync of a partition takes: made while the partition is guarded, carried out outside, brought back by
/// ``PartitionLog/finish(_:)``.
package struct SyncTicket: Sendable {
  let files: [any LogFile]
  let folder: String?
  let layer: any FileLayer
  let end: PartitionLog.Place

  /// How many files it syncs.
  package var fileCount: Int { files.count }
  /// Everything before this offset is durable once it has been carried out.
  package var endOffset: Int64 { end.offset }

  /// Makes it durable. Blocks: not on a loop.
  ///
  /// - Throws: ``FileError``: what was written since the last sync may be there or not, whatever is tried now. The process must
  ///   end; the next one finds what is there.
  package func sync() throws(FileError) {
    for file in files { try file.sync() }
    if let folder { try layer.syncDirectory(folder) }
  }
}
