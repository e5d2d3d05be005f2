package import KafkaWire
package import PartitionLog
internal import Synchronization

/// What the broker knows of topics, configs and producer ids, kept on the disk: a log of changes, folded into a snapshot now
/// and then.
///
/// One change at a time: the caller waits for one before it asks for the next. Every call blocks on the disk, so none is
/// made on a loop.
package final class MetadataLog: Sendable {
  /// The log's name in the data folder.
  package static let logName = "metadata.log"
  /// The snapshot's.
  package static let snapshotName = "metadata.snapshot"

  private struct State {
    var image: MetadataImage
    var byteCount: Int64
    /// Why no more is written; nil while all is well.
    var brokenBy: MetadataError?
  }

  private let snapshotPath: String
  private let files: any FileLayer
  private let log: any LogFile
  private let state: Mutex<State>
  /// How many bytes of a record that was never answered for were cut off at the end of the log.
  package let discardedByteCount: Int

  /// Reads the files of the data folder, or makes them where there are none.
  ///
  /// - Throws: `damaged` where they are not what was written, `refused` where the disk fails.
  package init(directory: String, files: any FileLayer) throws(MetadataError) {
    self.files = files
    snapshotPath = "\(directory)/\(Self.snapshotName)"
    let logPath = "\(directory)/\(Self.logName)"
    let snapshot = try Self.snapshot(snapshotPath, files)
    let bytes = try Self.disk { () throws(FileError) in try files.contents(of: logPath, limit: .max) }
    guard bytes != nil || snapshot == nil else {
      throw .damaged(logPath, at: 0, "the file is not there, while \(Self.snapshotName) is")
    }
    let content = MetadataFrames.read(bytes ?? [])
    if case .damaged(let why) = content.end { throw .damaged(logPath, at: content.byteCount, why) }
    discardedByteCount = (bytes?.count ?? 0) - content.byteCount
    log = try Self.disk { () throws(FileError) in
      let log = try files.open(logPath, .orCreate)
      if content.end == .torn { try log.truncate(to: Int64(content.byteCount)) }
      // Also what was read is synced: the process before may have ended between writing and syncing it.
      try log.sync()
      try files.syncDirectory(directory)
      return log
    }
    var image = snapshot ?? MetadataImage()
    content.records.forEach { image.fold($0) }
    state = Mutex(State(image: image, byteCount: Int64(content.byteCount)))
  }

  private static func snapshot(_ path: String, _ files: any FileLayer) throws(MetadataError) -> MetadataImage? {
    let bytes = try disk { () throws(FileError) in try files.contents(of: path, limit: .max) }
    guard let bytes else { return nil }
    let content = MetadataFrames.read(bytes)
    switch content.end {
    case .clean: break
    case .torn: throw .damaged(path, at: content.byteCount, "what stands there does not have its checksum")
    case .damaged(let why): throw .damaged(path, at: content.byteCount, why)
    }
    let count = content.records.count
    guard count > 0, content.records[count - 1] == MetadataRecord.snapshotEnd(recordCount: UInt32(count - 1)) else {
      throw .damaged(path, at: content.byteCount, "its end is missing")
    }
    return MetadataImage(content.records)
  }

  /// What the log comes to.
  package var image: MetadataImage { state.withLock { $0.image } }

  /// Adds a record and returns when it is on the disk.
  ///
  /// - Throws: `refused` where nothing was changed, `unknown` where that cannot be said.
  package func append(_ record: MetadataRecord) throws(MetadataError) {
    try change { state throws(MetadataError) in
      let frame = MetadataFrames.frame(record)
      do throws(FileError) { try log.write([frame[...]], at: state.byteCount) } catch {
        // What was written of it must not stand before the next record.
        try Self.disk(.unknown) { () throws(FileError) in try log.truncate(to: state.byteCount) }
        throw MetadataError(.refused, error)
      }
      try Self.disk(.unknown) { () throws(FileError) in try log.sync() }
      state.byteCount += Int64(frame.count)
      state.image.fold(record)
    }
  }

  /// The deleted topic's folders are gone: the next snapshot does not name it.
  package func forgetDeleted(_ id: WireUUID) { state.withLock { $0.image.forgetDeleted(id) } }

  /// Whether the log is so long that it should be folded.
  package var isLong: Bool { state.withLock { $0.byteCount >= TopicLimits.metadataLogBytes } }

  /// Folds the log into a snapshot. Where the machine stops in between, the log is read once more on top of the snapshot,
  /// which comes to the same.
  ///
  /// - Throws: `refused`: all stays as it is, and the log goes on growing. `unknown` as ``append(_:)``.
  package func fold() throws(MetadataError) {
    try change { state throws(MetadataError) in
      guard state.byteCount > 0 else { return }
      let bytes = state.image.snapshot.flatMap(MetadataFrames.frame)
      try Self.disk { () throws(FileError) in
        try files.replace(snapshotPath, with: bytes)
        try log.truncate(to: 0)
      }
      state.byteCount = 0
      try Self.disk(.unknown) { () throws(FileError) in try log.sync() }
    }
  }

  private func change(_ body: (inout State) throws(MetadataError) -> Void) throws(MetadataError) {
    let failure = state.withLock { state -> MetadataError? in
      if let error = state.brokenBy { return error }
      do throws(MetadataError) { try body(&state) } catch {
        if error.code == .unknown { state.brokenBy = error }
        return error
      }
      return nil
    }
    if let failure { throw failure }
  }

  private static func disk<Value>(
    _ code: MetadataError.Code = .refused, _ body: () throws(FileError) -> Value
  ) throws(MetadataError) -> Value {
    do throws(FileError) { return try body() } catch { throw MetadataError(code, error) }
  }
}
