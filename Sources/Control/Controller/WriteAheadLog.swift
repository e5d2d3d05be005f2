/// The controller's durable log: segments of entries, one snapshot, the hard state, in one directory.
///
/// Everything blocks, and every call is made on a pool of one thread: that confinement is what makes the class Sendable.
/// An error of any call is final: whether the disk kept the bytes is unknown, so the process stops and starts again from what the
/// disk says.
package final class WriteAheadLog: @unchecked Sendable {
  /// What a start finds.
  package struct Recovery: Sendable {
    /// The member's term and vote.
    package let hardState: HardState
    /// The newest snapshot; nil where there is none.
    package let snapshot: Snapshot?
    /// The entries after the snapshot, in order without gap.
    package let entries: [LogEntry]
  }

  private struct Segment {
    let name: String
    let firstIndex: LogIndex
    var byteCount: Int
  }

  private let files: any ControlFiles
  private let segmentByteCountLimit: Int
  private var segments: [Segment] = []
  /// The last durable entry.
  private var lastIndex = LogIndex.zero
  private var snapshotIndex = LogIndex.zero
  private var isBroken = false

  private init(files: any ControlFiles, segmentByteCountLimit: Int) {
    self.files = files
    self.segmentByteCountLimit = segmentByteCountLimit
  }

  /// Reads the directory, cuts what a power cut left half written, and is ready to append.
  ///
  /// - Throws: `corrupt` where something durable is damaged or missing: nothing is changed then.
  package static func open(
    _ files: any ControlFiles, segmentByteCountLimit: Int = ControllerLimits.segmentByteCount
  ) throws(ControllerError) -> (WriteAheadLog, Recovery) {
    let log = WriteAheadLog(files: files, segmentByteCountLimit: segmentByteCountLimit)
    return (log, try log.recover())
  }

  /// The last durable entry's index.
  package var durableIndex: LogIndex { max(lastIndex, snapshotIndex) }

  // MARK: writing

  /// Appends entries that follow the last one and returns when they are durable.
  package func append(_ entries: [LogEntry]) throws(ControllerError) {
    guard let first = entries.first else { return }
    precondition(!isBroken, "the log failed before: what is durable is unknown")
    precondition(first.index == durableIndex.next, "entries follow each other")
    isBroken = true
    if segments.isEmpty || segments[segments.count - 1].byteCount >= segmentByteCountLimit {
      try startSegment(at: first.index)
    }
    var bytes: [UInt8] = []
    for entry in entries { SegmentFormat.append(entry, durable: durableIndex, to: &bytes) }
    let name = segments[segments.count - 1].name
    try files.append(to: name, bytes)
    try files.sync(name)
    segments[segments.count - 1].byteCount += bytes.count
    lastIndex = entries[entries.count - 1].index
    isBroken = false
  }

  /// Keeps a snapshot and removes what it replaces: older snapshots, and segments of which every entry is both in the
  /// snapshot and published.
  package func keep(_ snapshot: Snapshot, published: LogIndex) throws(ControllerError) {
    precondition(!isBroken && snapshot.index > snapshotIndex && snapshot.index <= durableIndex)
    isBroken = true
    let name = WriteAheadLog.snapshotName(snapshot.index)
    try files.replace(name, with: snapshot.encoded())
    if snapshotIndex > .zero { try files.remove(WriteAheadLog.snapshotName(snapshotIndex)) }
    snapshotIndex = snapshot.index
    isBroken = false
    try truncate(published: published)
  }

  /// Removes the segments of which every entry is both in the snapshot and published. The last segment stays.
  package func truncate(published: LogIndex) throws(ControllerError) {
    precondition(!isBroken)
    let bound = min(published, snapshotIndex)
    while segments.count > 1, segments[1].firstIndex <= bound.next {
      // In order and durably: a segment that came back after a later one had gone would look like a gap.
      try files.remove(segments[0].name)
      try files.syncDirectory()
      segments.removeFirst()
    }
  }

  /// Makes the hard state durable.
  package func keep(_ hardState: HardState) throws(ControllerError) {
    try files.replace(HardState.fileName, with: hardState.encoded())
  }

  private func startSegment(at index: LogIndex) throws(ControllerError) {
    let name = WriteAheadLog.segmentName(index)
    let header = SegmentFormat.header(firstIndex: index)
    try files.create(name, header)
    try files.sync(name)
    try files.syncDirectory()
    segments.append(Segment(name: name, firstIndex: index, byteCount: header.count))
  }

  // MARK: reading

  private func recover() throws(ControllerError) -> Recovery {
    let names = try files.names()
    let snapshot = try newestSnapshot(names)
    snapshotIndex = snapshot?.index ?? .zero
    var entries = try readSegments(names)
    guard (segments.first?.firstIndex ?? snapshotIndex.next) <= snapshotIndex.next else {
      throw ControllerError(
        .corrupt, "the log begins at \(segments[0].firstIndex.number), after what the snapshot holds")
    }
    guard segments.isEmpty || lastIndex >= snapshotIndex else {
      throw ControllerError(
        .corrupt, "the log ends at \(lastIndex.number), before the snapshot at \(snapshotIndex.number)")
    }
    entries.removeAll { $0.index <= snapshotIndex }
    let hardState = try readHardState(names, isNew: snapshot == nil && segments.isEmpty)
    for name in names where name.hasSuffix(".tmp") || isOlderSnapshot(name) { try files.remove(name) }
    return Recovery(hardState: hardState, snapshot: snapshot, entries: entries)
  }

  private func newestSnapshot(_ names: [String]) throws(ControllerError) -> Snapshot? {
    let indexes = names.compactMap { WriteAheadLog.index(of: $0, prefix: "snapshot-") }.sorted()
    guard let newest = indexes.last else { return nil }
    let name = WriteAheadLog.snapshotName(newest)
    let snapshot = try Snapshot(decoding: files.contents(of: name), name: name)
    guard snapshot.index == newest else { throw ControllerError(.corrupt, "\(name) holds another index") }
    return snapshot
  }

  private func isOlderSnapshot(_ name: String) -> Bool {
    WriteAheadLog.index(of: name, prefix: "snapshot-").map { $0 < snapshotIndex } ?? false
  }

  private func readSegments(_ names: [String]) throws(ControllerError) -> [LogEntry] {
    let indexes = names.compactMap { WriteAheadLog.index(of: $0, prefix: "log-") }.sorted()
    var entries: [LogEntry] = []
    for (position, firstIndex) in indexes.enumerated() {
      let name = WriteAheadLog.segmentName(firstIndex)
      if position > 0, firstIndex != lastIndex.next {
        throw ControllerError(.corrupt, "\(name) follows entry \(lastIndex.number): entries are missing or damaged")
      }
      let bytes = try files.contents(of: name)
      let contents = try SegmentFormat.parse(
        bytes, name: name, firstIndex: firstIndex, place: position == indexes.count - 1 ? .last : .middle)
      if contents.validByteCount == 0 {
        try files.remove(name)
        break
      }
      if contents.validByteCount < bytes.count {
        try files.truncate(name, to: contents.validByteCount)
        try files.sync(name)
      }
      segments.append(Segment(name: name, firstIndex: firstIndex, byteCount: contents.validByteCount))
      lastIndex = contents.entries.last?.index ?? LogIndex(firstIndex.number - 1)
      entries += contents.entries
    }
    return entries
  }

  private func readHardState(_ names: [String], isNew: Bool) throws(ControllerError) -> HardState {
    guard names.contains(HardState.fileName) else {
      guard isNew else { throw ControllerError(.corrupt, "\(HardState.fileName) is missing") }
      try keep(.alone)
      return .alone
    }
    return try HardState(decoding: files.contents(of: HardState.fileName))
  }

  // MARK: names

  static func segmentName(_ index: LogIndex) -> String { "log-\(padded(index))" }
  static func snapshotName(_ index: LogIndex) -> String { "snapshot-\(padded(index))" }

  private static func padded(_ index: LogIndex) -> String {
    let digits = String(index.number)
    return String(repeating: "0", count: 20 - digits.count) + digits
  }

  private static func index(of name: String, prefix: String) -> LogIndex? {
    guard name.hasPrefix(prefix), name.utf8.count == prefix.utf8.count + 20 else { return nil }
    return UInt64(name.dropFirst(prefix.count)).map { LogIndex($0) }
  }
}
