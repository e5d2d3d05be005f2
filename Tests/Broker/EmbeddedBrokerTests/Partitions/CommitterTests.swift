import EventLoop
import FoundationEssentials
import KafkaWire
import PartitionLog
import Synchronization
import Testing

@testable import EmbeddedBroker

struct CommitterTests {
  /// Goal: whoever waits is told once, whichever way its bytes are made durable, and everything is found after a kill. Method: several
  /// threads append to several partitions at once, small and large batches, with a journal that is full again and again.
  @Test func `every append is acknowledged once, and is there after a kill`() async throws {
    let directory = "/tmp/committer-\(UInt64.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let files = DiskFiles()
    let journal = try CommitJournal.open(directory, files: files, fileLimitBytes: 6_000).journal
    let committer = try Committer(journal) { Issue.record("a sync has failed: \($0)") }
    let store = PartitionStore(
      directory: directory, files: files, committer: committer, remembered: [:], after: .unclean)
    let partitions = try (0..<Self.partitionCount).map {
      try store.create(
        topic: "t", id: WireUUID(high: 1, low: 2), index: Int32($0), options: LogOptions(), nowMilliseconds: 1)
    }
    let told = Acknowledgements()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for thread in 0..<4 {
        group.addTask {
          for number in 0..<Self.appendsPerThread {
            let partition = partitions[(number * 7 + thread) % partitions.count]
            let name = "\(thread)/\(number)"
            let outcome = partition.append(
              Self.batch(name, isLarge: number % 50 == 49), origin: .client, nowMilliseconds: 1,
              .durable { told.add(name) })
            guard case .waiting = outcome else { throw BrokerError(.settings, "\(name): \(outcome)") }
          }
        }
      }
      try await group.waitForAll()
    }
    await told.wait(for: 4 * Self.appendsPerThread)
    #expect(told.names.count == 4 * Self.appendsPerThread && Set(told.names).count == told.names.count)

    // As a kill leaves it: nothing was closed.
    let again = try CommitJournal.open(directory, files: files)
    #expect(again.replayed.misfits.isEmpty)
    let ends = try (0..<Self.partitionCount).map {
      try PartitionLog(
        directory: store.folder("t", Int32($0)), topicID: WireUUID(high: 1, low: 2), options: LogOptions(),
        files: files,
        cache: FileCache(files), checkpointed: LogCheckpoint(), after: .unclean, nowMilliseconds: 1
      ).logEndOffset
    }
    #expect(ends.reduce(0, +) == Int64(4 * Self.appendsPerThread))
  }

  /// Goal: a topic that was synced once an hour and is told to be durable at once does not keep its producer waiting for the hour.
  @Test func `a change of the flush policy counts from the next append on`() async throws {
    let directory = "/tmp/committer-\(UInt64.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let files = DiskFiles()
    let committer = try Committer(CommitJournal.open(directory, files: files).journal) {
      Issue.record("a sync has failed: \($0)")
    }
    var options = LogOptions()
    options.flush = .interval(milliseconds: 3_600_000)
    let partition = try PartitionStore(
      directory: directory, files: files, committer: committer, remembered: [:], after: .unclean
    ).create(topic: "t", id: WireUUID(high: 1, low: 2), index: 0, options: options, nowMilliseconds: 1)
    let batch = Self.batch("a", isLarge: false)
    guard case .done = partition.append(batch, origin: .client, nowMilliseconds: 1, .durable {}) else {
      Issue.record("nothing is to be waited for")
      return
    }
    partition.withLog { $0.options.flush = .group }
    let told = Acknowledgements()
    let outcome = partition.append(batch, origin: .client, nowMilliseconds: 1, .durable { told.add("b") })
    guard case .waiting = outcome else {
      Issue.record("\(outcome)")
      return
    }
    await told.wait(for: 1)
    #expect(partition.bounds.highWatermark == 2)
  }

  private static let partitionCount = 8
  private static let appendsPerThread = 300

  /// One that is too large for a journal's entry, or a small one.
  private static func batch(_ name: String, isLarge: Bool) -> ArraySlice<UInt8> {
    var builder = RecordBatchBuilder()
    builder.append(
      key: nil, value: Array(name.utf8)[...] + [UInt8](repeating: 0, count: isLarge ? 100_000 : 100), timestamp: 1)
    return builder.finish()[...]
  }
}

/// Who was told, and a wait until so many were.
private final class Acknowledgements: Sendable {
  private struct State {
    var names: [String] = []
    var wait: (count: Int, done: CheckedContinuation<Void, Never>)?
  }

  private let state = Mutex(State())

  var names: [String] { state.withLock { $0.names } }

  func add(_ name: String) {
    let done = state.withLock { state -> CheckedContinuation<Void, Never>? in
      state.names.append(name)
      guard let wait = state.wait, state.names.count >= wait.count else { return nil }
      state.wait = nil
      return wait.done
    }
    done?.resume()
  }

  func wait(for count: Int) async {
    await withCheckedContinuation { done in
      let isThere = state.withLock { state in
        guard state.names.count < count else { return true }
        state.wait = (count, done)
        return false
      }
      if isThere { done.resume() }
    }
  }
}
