internal import KafkaWire

/// Brings what a commit journal holds back into the segments, before anything else looks at them. Doing it again changes nothing.
struct JournalReplay {
  private let directory: String
  private let files: any FileLayer
  private var topicIDs: [String: [UInt8]?] = [:]
  private(set) var replayed = CommitJournal.Replayed()

  init(_ directory: String, _ files: any FileLayer) {
    self.directory = directory
    self.files = files
  }

  /// Writes what the frames hold, of each segment in their order, and makes it durable. A few segments at a time: not all that there
  /// are may be open at once.
  mutating func run(_ frames: [JournalFrame]) throws(FileError) {
    var (paths, bySegment): ([String], [String: [JournalFrame.Entry]]) = ([], [:])
    for entry in frames.sorted(by: { $0.sequence < $1.sequence }).flatMap(\.entries) {
      // A topic that was deleted: nobody asks for it.
      guard try isOfItsTopic(entry) else { continue }
      let path = "\(directory)/\(entry.folder)/\(SegmentName.file(entry.segment, .log))"
      if bySegment[path] == nil { paths.append(path) }
      bySegment[path, default: []].append(entry)
    }
    for start in stride(from: 0, to: paths.count, by: LogLimits.replayedTogether) {
      var written: [any LogFile] = []
      for path in paths[start...].prefix(LogLimits.replayedTogether) {
        if let file = try put(bySegment[path] ?? [], path) { written.append(file) }
      }
      for file in written { file.beginSync() }
      for file in written { try file.sync() }
    }
  }

  /// Answers with the segment; nil where it is not there any more.
  private mutating func put(_ entries: [JournalFrame.Entry], _ path: String) throws(FileError) -> (any LogFile)? {
    let file: any LogFile
    do throws(FileError) { file = try files.open(path, .existing) } catch {
      // Records were deleted, and the segment with them.
      guard error.isMissing else { throw error }
      return nil
    }
    for entry in entries {
      guard try file.byteCount() >= entry.position else {
        replayed.misfits.append("\(path) ends before \(entry.position), where a committed batch goes on")
        continue
      }
      try file.write([entry.bytes], at: entry.position)
      replayed.entryCount += 1
      replayed.byteCount += entry.bytes.count
    }
    return file
  }

  private mutating func isOfItsTopic(_ entry: JournalFrame.Entry) throws(FileError) -> Bool {
    if topicIDs[entry.folder] == nil {
      topicIDs[entry.folder] = try files.contents(of: "\(directory)/\(entry.folder)/\(PartitionMetadata.fileName)")
    }
    return topicIDs[entry.folder] == PartitionMetadata.text(entry.topicID)
  }
}
