import EventLoop
import KafkaWire
import PartitionLog
import Testing

@testable import EmbeddedBroker

/// More reads from the disk than may wait.
@Suite("Reads that wait", .serialized) struct DiskQueueTests {
  /// What a request was answered with, and on what version.
  private static let version: Int16 = 4

  /// Goal: one read more than may wait is refused with an error that clients try again, and its connection lives; those that wait are
  /// answered. Method: one thread and one place in its queue; the disk holds the first read.
  @Test("One read too many is told to come again; those that wait are answered")
  func overflow() async throws {
    let files = GatedFiles()
    let directory = "/tmp/disk-queue-\(UInt64.random(in: 0 ... .max))"
    try files.makeDirectory(directory)
    let scene = try TopicsScene(in: directory, on: files, flush: .never) { Issue.record("the disk failed: \($0)") }
    defer { scene.remove() }
    _ = try await scene.controller.create(TopicWish(name: "t"))
    let partition = try #require(scene.table.partition("t", 0))
    guard
      case .done = partition.append(
        WireClient.batch([[1]])[...], origin: .client, nowMilliseconds: WireClient.now, .written)
    else {
      Issue.record("a batch was refused")
      return
    }
    files.set(reads: .wait)
    let pool = try BlockingPool(name: "queue", threads: 1, queueLimit: 1)
    let budget = MemoryBudget(bytes: 1 << 20)
    let handler = FetchHandler(scene.table, pool: pool, budget: budget)
    let fetch = WireClient.fetchRequest("t")
    let first = Task { try await answer(to: fetch, scene.loop, handler.handle) }
    files.awaitWaiting(1)
    let second = Task { try await answer(to: fetch, scene.loop, handler.handle) }
    while budget.taken < 2 * BrokerLimits.pieceBytes { await Task.yield() }

    let refused = try await answer(to: fetch, scene.loop, handler.handle)
    #expect(refused.responses.map(\.topic) == ["t"])
    let data = try #require(refused.responses.first?.partitions.first)
    #expect(data.errorCode == .kafkaStorageError && data.highWatermark == -1 && data.records == [])
    #expect(budget.taken == 2 * BrokerLimits.pieceBytes, "what is refused holds nothing")
    let offsets = ListOffsetsHandler(scene.table, pool: pool)
    let search = ListOffsetsRequest { request in
      request.topics = [
        ListOffsetsRequest.Topic { topic in
          topic.name = "t"
          topic.partitions = [ListOffsetsRequest.Partition { $0.timestamp = 0 }]
        }
      ]
    }
    let found = try await answer(to: search, scene.loop) { exchange throws(WireError) in
      try exchange.run(offsets.handle)
    }
    #expect(found.topics.first?.partitions.map(\.errorCode) == [.kafkaStorageError])

    files.set(reads: .cold)
    for waiting in [first, second] {
      #expect(try await waiting.value.responses.first?.partitions.first?.batchOffsets == [0])
    }
    #expect(budget.taken == 0)
  }

  private func answer<Request: WireRequest & Sendable>(
    to request: Request, _ loop: EventLoop, _ handle: @escaping @Sendable (Exchange) throws(WireError) -> Void
  ) async throws -> Request.Response where Request.Response: Sendable {
    var body: [UInt8] = []
    try request.encode(into: &body, version: Self.version)
    let frame = body
    let header = RequestHeader(key: Request.key, version: Self.version, correlationID: 1, clientID: "test")
    let bytes: [UInt8]? = await withCheckedContinuation { done in
      loop.execute {
        let context = RequestContext(loop: loop, version: Self.version, clientID: "test", clientHost: "")
        let exchange = Exchange(body: frame[...], header: header, context: context) { reply in
          var output: [UInt8]? = []
          if case .answer(let write) = reply {
            do { try write(&output!) } catch { output = nil }
          } else {
            output = nil
          }
          done.resume(returning: output)
        }
        do { try handle(exchange) } catch { done.resume(returning: nil) }
      }
    }
    // Behind the length and the request's number.
    return try Request.Response.decode(try #require(bytes, "there is no answer").dropFirst(8), version: Self.version)
  }
}
