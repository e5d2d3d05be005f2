import EventLoop
import FoundationEssentials
import KafkaWire
import RealServers
import Streams
import Synchronization
import Testing

@testable import EmbeddedBroker

/// The built program, told to stop while clients send as fast as they can.
@Suite("Stopped under load", .serialized, .enabled(if: BrokerFixture.isAvailable, "the program is not built"))
struct TerminateTests {
  @Test(
    "SIGTERM under load ends it cleanly: the next one takes the files as they are, and what was acknowledged is there")
  func terminated() async throws {
    let broker = try await BrokerFixture.start()
    defer { broker.stop() }
    let address = try #require(StreamAddress(broker.bootstrapServers))
    try WireClient(address).make("t", partitions: 3)
    for round in 0..<3 {
      let writers = try (Int32(0)..<3).map { try Writer(address, partition: $0) }
      for writer in writers { await writer.begun() }
      #expect(try await broker.terminate() == 0)
      #expect(FileManager.default.fileExists(atPath: "\(broker.data)/clean-shutdown"))
      try await broker.resume()
      let log = try String(contentsOf: URL(filePath: broker.log), encoding: .utf8)
      let start = log.split(separator: "\n").last { $0.contains("the broker answers") }
      #expect(start?.contains("\"last.shutdown\":\"clean\"") == true)
      for (partition, writer) in writers.enumerated() {
        let acknowledged = await writer.ended()
        let found = try offsets(WireClient(address), Int32(partition))
        #expect(acknowledged.count >= Writer.enough && Set(acknowledged).isSubset(of: found), "round \(round)")
      }
    }
    #expect(try await broker.terminate() == 0)
  }

  private func offsets(_ client: WireClient, _ partition: Int32) throws -> Set<Int64> {
    var found: Set<Int64> = []
    var next: Int64 = 0
    while true {
      let offsets = try client.fetch("t", partition, from: next, maxBytes: 10 << 20).batchOffsets
      guard let last = offsets.last else { return found }
      found.formUnion(offsets)
      next = last + 1
    }
  }
}

/// A client on a thread of its own that sends one batch after another until it is cut off. Sendable because the mutex guards all.
private final class Writer: @unchecked Sendable {
  /// Batches acknowledged before the broker is stopped.
  static let enough = 50

  private struct State {
    var acknowledged: [Int64] = []
    var isOver = false
    var beginning: CheckedContinuation<Void, Never>?
    var ending: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())
  private let loop: EventLoop

  init(_ address: StreamAddress, partition: Int32) throws {
    loop = try LoopThread.startLoop(name: "writer")
    loop.execute { [self] in write(WireClient(address), partition) }
  }

  private func write(_ client: WireClient, _ partition: Int32) {
    let batch = WireClient.batch([[1]])
    while let bytes = try? WireClient.bytes(WireClient.produceRequest(batch, to: "t", partition), version: 7),
      client.send(bytes), let frame = client.frame(),
      let (_, body) = try? ResponseHeader.decode(frame[...], key: .produce, version: 7),
      let answer = try? ProduceResponse.decode(body, version: 7).responses.first?.partitionResponses.first
    {
      let waiting = state.withLock { state in
        if answer.errorCode == .none { state.acknowledged.append(answer.baseOffset) }
        guard state.acknowledged.count >= Self.enough else { return nil as CheckedContinuation<Void, Never>? }
        defer { state.beginning = nil }
        return state.beginning
      }
      waiting?.resume()
    }
    let waiting = state.withLock { state in
      state.isOver = true
      return [state.beginning, state.ending]
    }
    for continuation in waiting { continuation?.resume() }
  }

  /// Returns once enough batches are acknowledged.
  func begun() async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.isOver || state.acknowledged.count >= Self.enough { return true }
        state.beginning = continuation
        return false
      }
      if isThere { continuation.resume() }
    }
  }

  /// The offsets of the batches that were acknowledged, once it has been cut off.
  func ended() async -> [Int64] {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.isOver { return true }
        state.ending = continuation
        return false
      }
      if isThere { continuation.resume() }
    }
    loop.stop()
    return state.withLock { $0.acknowledged }
  }
}
