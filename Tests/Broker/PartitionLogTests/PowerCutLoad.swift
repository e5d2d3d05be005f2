import KafkaWire
import PartitionLog
import SimulationKit

/// A partition at work, with the memory of a broker beside it: what was appended where, what was acknowledged, what was deleted.
struct PowerCutLoad {
  /// A batch that was appended.
  struct Batch {
    let first: Int64
    let last: Int64
    let values: [String]
    let producer: Int64
    let sequence: Int32
  }

  static let folder = "/data"
  static let directory = "/data/t-0"

  let files: PowerCutFiles
  var options = LogOptions()
  var batches: [Batch] = []
  /// Everything before it was acknowledged.
  var acknowledged: Int64 = 0
  /// Everything before it may be gone: somebody has asked for that.
  var deleted: Int64 = 0
  var now: Int64 = 1_700_000_000_000
  private(set) var log: PartitionLog
  /// As small as it can be: its files take turns often.
  private var journal: CommitJournal
  private let journalFileBytes: Int
  private var nextSequences: [Int64: Int32] = [:]
  private var ticket: SyncTicket?

  init(_ random: inout SeededGenerator) throws {
    files = PowerCutFiles()
    try files.makeDirectory(Self.folder)
    options.segmentBytes = Int64.random(in: 500...6_000, using: &random)
    options.indexIntervalBytes = Int.random(in: 100...800, using: &random)
    journalFileBytes = Int.random(in: 150...1_500, using: &random)
    log = try Self.open(files, options, nowMilliseconds: now)
    journal = try CommitJournal.open(Self.folder, files: files, fileLimitBytes: journalFileBytes).journal
    // Whatever stands here is as it is when a topic was made.
    try files.syncDirectory(Self.directory)
  }

  /// The log as a broker opens it that finds these files.
  static func open(_ files: PowerCutFiles, _ options: LogOptions, nowMilliseconds now: Int64) throws -> PartitionLog {
    let isClean = try files.names(in: folder).contains("clean-shutdown")
    if isClean {
      try files.remove("\(folder)/clean-shutdown")
      try files.syncDirectory(folder)
    }
    let replayed = try CommitJournal.open(folder, files: files).replayed
    try SeededProperty.claim(replayed.misfits.isEmpty, "the journal does not fit: \(replayed.misfits)")
    let checkpoint = LogCheckpoint(
      recoveryPoint: try remembered(CheckpointFile.recoveryPoints, files),
      logStartOffset: try remembered(CheckpointFile.logStarts, files))
    return try PartitionLog(
      directory: directory, topicID: WireUUID(high: 1, low: 2), options: options, files: files, cache: FileCache(files),
      checkpointed: checkpoint, after: isClean ? .clean : .unclean, nowMilliseconds: now)
  }

  private static func remembered(_ name: String, _ files: PowerCutFiles) throws -> Int64 {
    guard let bytes = try files.contents(of: "\(folder)/\(name)") else { return 0 }
    return CheckpointFile.decode(bytes)?.first?.offset ?? 0
  }

  // MARK: what happens

  mutating func step(_ random: inout SeededGenerator) throws {
    switch Int.random(in: 0..<42, using: &random) {
    case 0..<24: try append(&random)
    case 24..<29: if ticket == nil { ticket = try log.syncTicket() }
    case 29..<34: try acknowledge(&random)
    case 34..<37: try checkpoint()
    case 37: try deleteRecords(&random)
    case 38: try retain(&random)
    case 39..<41: try journal.empty()
    default: try restart()
    }
  }

  private mutating func append(_ random: inout SeededGenerator) throws {
    now += 1
    let producer = Int64.random(in: -1...3, using: &random)
    if producer >= 0, random.isOne(in: 8), let last = batches.last(where: { $0.producer == producer }) {
      let again = try log.append(bytes(of: last), origin: .client, nowMilliseconds: now)
      try SeededProperty.claim(
        again.isDuplicate && again.baseOffset == last.first, "\(last.first) of \(producer) again came to \(again)")
      return
    }
    let count = Int.random(in: 1...3, using: &random)
    let size = random.isOne(in: 20) ? 3_000 : Int.random(in: 0...150, using: &random)
    let values = (0..<count).map { "\(log.logEndOffset + Int64($0))-" + String(repeating: "x", count: size) }
    let sequence = producer < 0 ? -1 : nextSequences[producer] ?? 0
    let batch = Batch(
      first: log.logEndOffset, last: log.logEndOffset + Int64(count) - 1, values: values, producer: producer,
      sequence: sequence)
    do {
      let appended = try log.append(bytes(of: batch), origin: .client, nowMilliseconds: now)
      try SeededProperty.claim(
        appended.baseOffset == batch.first && appended.lastOffset == batch.last, "\(appended) is not at \(batch.first)")
    } catch let error as PartitionLogError where error.code == .recordListTooLarge { return }
    batches.append(batch)
    if producer >= 0 { nextSequences[producer] = sequence + Int32(count) }
  }

  func bytes(of batch: Batch) -> ArraySlice<UInt8> {
    var builder = RecordBatchBuilder()
    if batch.producer >= 0 {
      builder.producerID = batch.producer
      builder.producerEpoch = 0
      builder.baseSequence = batch.sequence
    }
    for value in batch.values { builder.append(key: nil, value: Array(value.utf8)[...], timestamp: now) }
    return builder.finish()[...]
  }

  /// Carries the ticket out: its files are synced, or the journal takes it.
  private mutating func acknowledge(_ random: inout SeededGenerator) throws {
    guard let ticket else { return }
    var isJournaled = false
    if let entry = ticket.journalEntry, !random.isOne(in: 4) {
      let outcome = try journal.write([entry])
      isJournaled = outcome != .refused
      if outcome == .written(full: true), random.isOne(in: 2) { try journal.empty() }
    }
    if !isJournaled { try ticket.sync() }
    log.finish(ticket)
    acknowledged = max(acknowledged, ticket.endOffset)
    try SeededProperty.claim(log.highWatermark >= acknowledged, "the high watermark is \(log.highWatermark)")
    self.ticket = nil
  }

  private mutating func checkpoint() throws {
    if let checkpoint = try log.checkpoint() {
      try checkpoint.perform()
      log.finish(checkpoint)
      try checkpoint.removeOldSnapshots()
    }
    try remember()
  }

  private func remember() throws {
    for (name, offset) in [
      (CheckpointFile.recoveryPoints, log.recoveryPoint), (CheckpointFile.logStarts, log.logStartOffset),
    ] {
      let line = CheckpointFile.Line(topic: "t", partition: 0, offset: offset)
      try files.replace("\(Self.folder)/\(name)", with: CheckpointFile.encode([line]))
    }
  }

  private mutating func deleteRecords(_ random: inout SeededGenerator) throws {
    guard log.logStartOffset < log.highWatermark else { return }
    let offset = Int64.random(in: log.logStartOffset...log.highWatermark, using: &random)
    let paths = try log.deleteRecords(before: offset, nowMilliseconds: now)
    deleted = log.logStartOffset
    try remember()
    for path in paths { try files.remove(path) }
  }

  private mutating func retain(_ random: inout SeededGenerator) throws {
    log.options.retentionBytes = random.isOne(in: 2) ? 3_000 : nil
    log.options.retentionMilliseconds = random.isOne(in: 2) ? 30 : nil
    let paths = try log.enforceRetention(nowMilliseconds: now)
    deleted = log.logStartOffset
    try remember()
    for path in paths { try files.remove(path) }
  }

  /// A clean end and the next start.
  private mutating func restart() throws {
    // With a ticket out, which is lost: the closing covers what it did.
    try log.close()
    try journal.close()
    acknowledged = log.logEndOffset
    ticket = nil
    try remember()
    try files.replace("\(Self.folder)/clean-shutdown", with: [])
    log = try Self.open(files, options, nowMilliseconds: now)
    journal = try CommitJournal.open(Self.folder, files: files, fileLimitBytes: journalFileBytes).journal
    try SeededProperty.claim(
      log.logEndOffset == acknowledged && log.highWatermark == acknowledged,
      "a clean end at \(acknowledged) is found as \(log.logEndOffset)")
  }
}
