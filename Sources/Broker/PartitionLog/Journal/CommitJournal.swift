internal import Synchronization

/// Makes little appends to many partitions durable with one write and one sync: it takes a copy of their bytes, and their segments
/// are synced later, many appends at a time. A start writes what it holds back into the segments before it opens them.
///
/// Two files take turns. One that is full is emptied once every segment that it holds bytes of has been synced; meanwhile
/// the other takes what comes, and where that is full too, partitions are synced one by one (docs/decisions/0008).
package final class CommitJournal: Sendable {
  /// What a start has brought back.
  package struct Replayed: Sendable, Equatable {
    /// Pieces of segments, and their bytes.
    package var entryCount = 0
    package var byteCount = 0
    /// What could not be brought back, and why.
    package var misfits: [String] = []
  }

  /// What a write came to.
  package enum Outcome: Sendable, Equatable {
    /// Everything is durable. `full` where a file has become full: ``empty()`` is due.
    case written(full: Bool)
    /// Nothing was taken: there is no room. The segments are to be synced.
    case refused
  }

  fileprivate struct Part: Sendable {
    let file: any LogFile
    var byteCount = 0
    /// The segments that it holds bytes of.
    var segments: [ObjectIdentifier: any LogFile] = [:]
    var isEmpty: Bool { byteCount == 0 }
  }

  fileprivate struct State: Sendable {
    var parts: [Part]
    var current = 0
    var sequence: UInt64
    var frame: [UInt8] = []
    var isClosed = false
  }

  private let state: Mutex<State>
  private let fileLimit: Int
  private let segmentLimit: Int

  /// The journal's files in the data folder. No partition's folder has such a name: those end in a hyphen and a number.
  package static let fileNames = ["commit-journal.0", "commit-journal.1"]

  /// Opens the journal of a data folder, or makes it; brings back what it holds, and empties it. Blocks. Nothing of the folder's
  /// partitions may be open.
  ///
  /// - Throws: ``FileError``: the start must not go on.
  package static func open(
    _ directory: String, files: any FileLayer, fileLimitBytes: Int = LogLimits.journalFileBytes,
    segmentLimit: Int = LogLimits.journalSegments
  ) throws(FileError) -> (journal: CommitJournal, replayed: Replayed) {
    var (parts, frames): ([Part], [JournalFrame]) = ([], [])
    let names = try files.names(in: directory)
    for name in fileNames {
      let file = try files.open("\(directory)/\(name)", .orCreate)
      frames += JournalFrame.read(try file.bytes(Int(try file.byteCount()), at: 0))
      parts.append(Part(file: file))
    }
    if !fileNames.allSatisfy(names.contains) { try files.syncDirectory(directory) }
    var replay = JournalReplay(directory, files)
    if !frames.isEmpty {
      try replay.run(frames)
      for part in parts { try part.file.forgetFrames() }
    }
    // What an earlier process has left behind the first frame, or a client has put into a record, does not follow by its number.
    let sequence = UInt64.random(in: 1...(.max / 2))
    return (CommitJournal(State(parts: parts, sequence: sequence), fileLimitBytes, segmentLimit), replay.replayed)
  }

  private init(_ state: sending State, _ fileLimit: Int, _ segmentLimit: Int) {
    self.state = Mutex(state)
    self.fileLimit = fileLimit
    self.segmentLimit = segmentLimit
  }

  /// Writes the entries and makes them durable. Blocks. One call at a time is worth it.
  ///
  /// - Throws: ``FileError`` where a sync has failed, after which the process must end; what else fails is a refusal.
  package func write(_ entries: [JournalEntry]) throws(FileError) -> Outcome {
    try locked { state throws(FileError) in
      do throws(FileError) { return try state.write(entries, fileLimit, segmentLimit) } catch {
        guard !error.isFailedSync else { throw error }
        return .refused
      }
    }
  }

  /// Syncs the segments that the full file holds bytes of, and empties it. Blocks, and lets writes go on.
  ///
  /// - Throws: ``FileError``, after which the process must end.
  package func empty() throws(FileError) {
    guard let full = state.withLock({ $0.full }) else { return }
    for segment in full.part.segments.values { segment.beginSync() }
    for segment in full.part.segments.values { try segment.sync() }
    try full.part.file.forgetFrames()
    state.withLock { state in
      state.parts[full.index].byteCount = 0
      state.parts[full.index].segments = [:]
    }
  }

  /// Empties it after every partition has been closed, and takes nothing any more: the next process may have the folder. Blocks.
  package func close() throws(FileError) {
    try locked { state throws(FileError) in
      state.isClosed = true
      for part in state.parts where !part.isEmpty { try part.file.forgetFrames() }
    }
  }

  private func locked<Value: Sendable>(
    _ body: (inout sending State) throws(FileError) -> Value
  ) throws(FileError) -> Value {
    let result = state.withLock { state -> Result<Value, FileError> in
      do throws(FileError) { return .success(try body(&state)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}

extension CommitJournal.State {
  /// The file that waits to be emptied.
  fileprivate var full: (index: Int, part: CommitJournal.Part)? {
    let other = 1 - current
    return parts[other].isEmpty ? nil : (other, parts[other])
  }

  fileprivate mutating func write(
    _ entries: [JournalEntry], _ fileLimit: Int, _ segmentLimit: Int
  ) throws(FileError) -> CommitJournal.Outcome {
    guard !isClosed else { return .refused }
    try JournalFrame.encode(entries, sequence: sequence, into: &frame)
    var isTurned = false
    // Each segment is held open, also one that was closed or deleted since.
    if parts[current].byteCount + frame.count > fileLimit || parts[current].segments.count >= segmentLimit {
      guard full == nil, frame.count <= fileLimit else { return .refused }
      current = 1 - current
      isTurned = true
    }
    try parts[current].file.write([frame[...]], at: Int64(parts[current].byteCount))
    try parts[current].file.sync()
    parts[current].byteCount += frame.count
    sequence += 1
    for entry in entries { parts[current].segments[ObjectIdentifier(entry.file)] = entry.file }
    return .written(full: isTurned)
  }
}

extension LogFile {
  /// Makes the file one that holds no frame. Its blocks stay: writing over them needs no change of the file's size.
  fileprivate func forgetFrames() throws(FileError) {
    try write([[UInt8](repeating: 0, count: JournalFrame.headBytes)[...]], at: 0)
    try sync()
  }
}
