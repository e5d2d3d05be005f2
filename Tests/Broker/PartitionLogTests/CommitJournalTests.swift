import FoundationEssentials
import KafkaWire
import Testing

@testable import PartitionLog

struct CommitJournalTests {
  /// Two partitions in one data folder, in memory.
  private struct Scene {
    static let folder = "/data"
    let files = PowerCutFiles()
    let logs: [PartitionLog]
    let journal: CommitJournal

    init(fileLimitBytes: Int = 1 << 20, segmentLimit: Int = 100) throws {
      try files.makeDirectory(Self.folder)
      journal = try CommitJournal.open(
        Self.folder, files: files, fileLimitBytes: fileLimitBytes, segmentLimit: segmentLimit
      ).journal
      let files = files
      logs = try (0...1).map { try Self.open($0, files) }
      for log in logs {
        // The file's name is durable from here on, and a journal may take what is appended.
        try Self.append(log, "first")
        let ticket = try #require(try log.syncTicket())
        try ticket.sync()
        log.finish(ticket)
      }
    }

    static func open(_ index: Int, _ files: PowerCutFiles, topic: UInt64 = 1) throws -> PartitionLog {
      try PartitionLog(
        directory: "\(folder)/t-\(index)", topicID: WireUUID(high: topic, low: 2), options: LogOptions(), files: files,
        cache: FileCache(files), checkpointed: LogCheckpoint(), after: .unclean, nowMilliseconds: 1_000)
    }

    static func append(_ log: PartitionLog, _ value: String) throws {
      var builder = RecordBatchBuilder()
      builder.append(key: nil, value: Array(value.utf8)[...], timestamp: 1_000)
      _ = try log.append(builder.finish()[...], origin: .client, nowMilliseconds: 1_000)
    }

    /// Appends to every partition, and has the journal make it durable.
    func commit(_ value: String) throws -> CommitJournal.Outcome {
      for log in logs { try Self.append(log, value) }
      let tickets = try logs.map { try #require(try $0.syncTicket()) }
      let outcome = try journal.write(tickets.map { try #require($0.journalEntry) })
      if outcome == .refused { for ticket in tickets { try ticket.sync() } }
      for (log, ticket) in zip(logs, tickets) { log.finish(ticket) }
      return outcome
    }
  }

  @Test func `what the journal took is in the segments after a power cut`() throws {
    let scene = try Scene()
    #expect(try scene.commit("second") == .written(full: false))
    #expect(try scene.commit("third") == .written(full: false))
    let found = scene.files.withoutUnsynced()
    let replayed = try CommitJournal.open(Scene.folder, files: found).replayed
    #expect(replayed.entryCount == 4 && replayed.misfits.isEmpty)
    for index in 0...1 {
      #expect(try LogReading.values(Scene.open(index, found), from: 0).map(\.value) == ["first", "second", "third"])
    }
    #expect(try CommitJournal.open(Scene.folder, files: found).replayed == CommitJournal.Replayed())
  }

  /// Goal: what an earlier process has left behind the first frame is not taken for what follows a frame of the same length.
  @Test func `frames of an earlier process are not brought back`() throws {
    let scene = try Scene()
    for value in ["a", "b", "c"] { _ = try scene.commit(value) }
    for log in scene.logs { try #require(try log.checkpoint()).perform() }
    try scene.journal.close()
    let next = try CommitJournal.open(Scene.folder, files: scene.files).journal
    for log in scene.logs { try Scene.append(log, "d") }
    #expect(try next.write(scene.logs.compactMap { try $0.syncTicket()?.journalEntry }) == .written(full: false))
    #expect(try CommitJournal.open(Scene.folder, files: scene.files.withoutUnsynced()).replayed.entryCount == 2)
  }

  /// Goal: bytes of a topic that was deleted do not come to stand in another one of its name, nor in a folder that is not there.
  @Test func `what belonged to another topic stays out`() throws {
    let scene = try Scene()
    _ = try scene.commit("second")
    let found = scene.files.withoutUnsynced()
    try found.removeDirectory("\(Scene.folder)/t-0")
    try found.removeDirectory("\(Scene.folder)/t-1")
    _ = try Scene.open(1, found, topic: 9)
    #expect(try CommitJournal.open(Scene.folder, files: found).replayed == CommitJournal.Replayed())
    #expect(try Scene.open(1, found, topic: 9).logEndOffset == 0)
  }

  @Test func `a full file is emptied once its segments are synced, and a full journal refuses`() throws {
    let scene = try Scene(fileLimitBytes: 400)
    var outcomes: [CommitJournal.Outcome] = []
    for number in 0..<4 { outcomes.append(try scene.commit("\(number)")) }
    #expect(outcomes == [.written(full: false), .written(full: true), .refused, .refused])
    try scene.journal.empty()
    #expect(try scene.commit("4") == .written(full: true))
    let found = scene.files.withoutUnsynced()
    _ = try CommitJournal.open(Scene.folder, files: found)
    #expect(try LogReading.values(Scene.open(0, found), from: 0).map(\.value) == ["first", "0", "1", "2", "3", "4"])
  }

  /// Goal: the files that it holds open are bounded, however small segments are.
  @Test func `a file with bytes of too many segments is full`() throws {
    let scene = try Scene(segmentLimit: 2)
    #expect(try scene.commit("1") == .written(full: false))
    #expect(try scene.commit("2") == .written(full: true))
    #expect(try scene.commit("3") == .refused)
    try scene.journal.empty()
    #expect(try scene.commit("4") == .written(full: true))
  }

  /// Goal: a commit that is under way while the broker ends writes nothing behind its end.
  @Test func `a journal that is closed refuses`() throws {
    let scene = try Scene()
    try scene.journal.close()
    #expect(try scene.commit("second") == .refused)
    #expect(try CommitJournal.open(Scene.folder, files: scene.files).replayed == CommitJournal.Replayed())
  }

  @Test func `a full disk is a refusal, a failed sync is not`() throws {
    let scene = try Scene()
    for log in scene.logs { try Scene.append(log, "second") }
    let entries = try scene.logs.map { try #require(try $0.syncTicket()?.journalEntry) }
    scene.files.limit(bytes: 20)
    #expect(try scene.journal.write(entries) == .refused)
    scene.files.limit(bytes: .max)
    #expect(try scene.journal.write(entries) == .written(full: false))
    scene.files.failSyncs(true)
    #expect(throws: FileError.self) { try scene.journal.write(entries) }
  }

  /// Goal: nothing but whole frames, one behind the other, is brought back.
  @Test func `a frame that is torn, damaged or left by an earlier round is not read`() throws {
    let scene = try Scene()
    for log in scene.logs { try Scene.append(log, "second") }
    let entries = try scene.logs.map { try #require(try $0.syncTicket()?.journalEntry) }
    var frames: [[UInt8]] = []
    for sequence in [7, 8, 12] {
      var frame: [UInt8] = []
      try JournalFrame.encode(entries, sequence: UInt64(sequence), into: &frame)
      frames.append(frame)
    }
    let sound = frames[0] + frames[1]
    #expect(JournalFrame.read(sound).map(\.sequence) == [7, 8])
    #expect(JournalFrame.read(sound)[1].entries.map(\.folder) == ["t-0", "t-1"])
    #expect(JournalFrame.read(sound + frames[2]).map(\.sequence) == [7, 8])
    #expect(JournalFrame.read(frames[0] + frames[2]).map(\.sequence) == [7])
    for count in 0..<sound.count {
      #expect(JournalFrame.read(Array(sound.prefix(count))).count == (count < frames[0].count ? 0 : 1))
    }
    for place in frames[0].indices {
      var damaged = sound
      damaged[place] ^= 0x10
      #expect(JournalFrame.read(damaged).isEmpty, "byte \(place)")
    }
  }

  @Test func `what is new in the folder, or too much, is synced and not given to a journal`() throws {
    let scene = try Scene()
    let log = scene.logs[0]
    log.options.segmentBytes = 100
    try Scene.append(log, "second")
    #expect(try #require(try log.syncTicket()).journalEntry == nil)
    let other = scene.logs[1]
    try Scene.append(other, String(repeating: "x", count: Int(LogLimits.journalEntryBytes)))
    #expect(try #require(try other.syncTicket()).journalEntry == nil)
  }
}
