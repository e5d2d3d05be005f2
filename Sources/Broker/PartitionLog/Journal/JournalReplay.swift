internal import KafkaWire

/// Brings what a commit journal holds back into the segments, before anything else looks at them. Doing it again changes nothing.
struct JournalReplay {
  private let directory: String
  private let files: any FileLayer
  /// The segments that were written to, by path; nil where an entry's segment is not there any more.
  private var segments: [String: (any LogFile)?] = [:]
  private var topicIDs: [String: [UInt8]?] = [:]
  private(set) var replayed = CommitJournal.Replayed()

  init(_ directory: String, _ files: any FileLayer) {
    self.directory = directory
    self.files = files
  }

  /// Writes what the frames hold, in their order, and makes it durable.
  mutating func run(_ frames: [JournalFrame]) throws(FileError) {
    for frame in frames.sorted(by: { $0.sequence < $1.sequence }) {
      for entry in frame.entries { try put(entry) }
    }
    let written = segments.values.compactMap { $0 }
    for file in written { file.beginSync() }
    for file in written { try file.sync() }
  }

  private mutating func put(_ entry: JournalFrame.Entry) throws(FileError) {
    // A topic that was deleted, or records that were: nobody asks for them.
    guard try isOfItsTopic(entry), let file = try segment(of: entry) else { return }
    guard try file.byteCount() >= entry.position else {
      replayed.misfits.append("\(file.path) ends before \(entry.position), where a committed batch goes on")
      return
    }
    try file.write([entry.bytes], at: entry.position)
    replayed.entryCount += 1
    replayed.byteCount += entry.bytes.count
  }

  private mutating func isOfItsTopic(_ entry: JournalFrame.Entry) throws(FileError) -> Bool {
    if topicIDs[entry.folder] == nil {
      topicIDs[entry.folder] = try files.contents(of: "\(directory)/\(entry.folder)/\(PartitionMetadata.fileName)")
    }
    return topicIDs[entry.folder] == PartitionMetadata.text(entry.topicID)
  }

  private mutating func segment(of entry: JournalFrame.Entry) throws(FileError) -> (any LogFile)? {
    let path = "\(directory)/\(entry.folder)/\(SegmentName.file(entry.segment, .log))"
    if let known = segments[path] { return known }
    var file: (any LogFile)?
    do throws(FileError) { file = try files.open(path, .existing) } catch  where error.isMissing {}
    segments[path] = .some(file)
    return file
  }
}
