import EventLoop
import KafkaWire
import PartitionLog
import Testing

@testable import EmbeddedBroker

/// An answer in pieces, without a connection: how much of it is in memory at a time.
@Suite("Fetch in pieces", .serialized) struct FetchPiecesTests {
  private static let batchCount = 8

  /// The pieces that an answer of several batches, over a budget of so many bytes, goes out in; and what it holds of the budget.
  private func pieces(_ budget: MemoryBudget, _ reach: ReadReach) async throws -> (byteCounts: [Int], held: Int) {
    let scene = try TopicsScene(flush: .never)
    defer { scene.remove() }
    _ = try await scene.controller.create(TopicWish(name: "t"))
    let partition = try #require(scene.table.partition("t", 0))
    for _ in 0..<Self.batchCount {
      let batch = WireClient.batch(valueBytes: 100_000)
      guard case .done = partition.append(batch[...], origin: .client, nowMilliseconds: WireClient.now, .written) else {
        Issue.record("a batch was refused")
        return ([], 0)
      }
    }
    let pool = try BlockingPool(name: "pieces", threads: 1, queueLimit: 10)
    let handler = FetchHandler(scene.table, pool: pool, budget: budget)
    let (answer, held) = try await ask(handler, scene.loop)
    var byteCounts: [Int] = []
    while true {
      var piece: [UInt8] = []
      let progress = try answer.next(reach, into: &piece)
      #expect(progress != .blocked && !piece.isEmpty)
      byteCounts.append(piece.count)
      guard progress == .more else { return (byteCounts, held) }
    }
  }

  private func ask(_ handler: FetchHandler, _ loop: EventLoop) async throws -> (PiecedAnswer, Int) {
    let request = WireClient.fetchRequest("t", maxBytes: 50 << 20)
    var body: [UInt8] = []
    try request.encode(into: &body, version: 11)
    let header = RequestHeader(key: .fetch, version: 11, correlationID: 1, clientID: "test")
    let frame = body
    let reply: Taken? = await withCheckedContinuation { done in
      loop.execute {
        let context = RequestContext(loop: loop, version: 11, clientID: "test", clientHost: "")
        let exchange = Exchange(body: frame[...], header: header, context: context) { reply in
          guard case .pieces(let answer, let held) = reply else { return done.resume(returning: nil) }
          done.resume(returning: Taken(answer: answer, held: held))
        }
        do { try handler.handle(exchange) } catch { done.resume(returning: nil) }
      }
    }
    let taken = try #require(reply, "it does not go out in pieces")
    return (taken.answer, taken.held)
  }

  private struct Taken: Sendable {
    let answer: PiecedAnswer
    let held: Int
  }

  @Test("Pitfall 17: pieces are as large as what the budget gives, and small where it gives nothing")
  func sizes() async throws {
    let rich = MemoryBudget(bytes: 10 << 20)
    let ample = try await pieces(rich, .cached)
    #expect(ample.held == BrokerLimits.pieceBytes && rich.taken == ample.held)
    // What frames the records comes on top.
    #expect((ample.byteCounts.max() ?? 0) <= BrokerLimits.pieceBytes + 200)
    let poor = MemoryBudget(bytes: 100_000)
    let scarce = try await pieces(poor, .cached)
    #expect(scarce.held == 100_000 && (scarce.byteCounts.max() ?? 0) <= 100_200)
    // Nothing is left now.
    let last = try await pieces(poor, .cached)
    #expect(last.held == 0 && (last.byteCounts.max() ?? 0) <= BrokerLimits.scarcePieceBytes + 200)
    #expect(last.byteCounts.count > scarce.byteCounts.count && scarce.byteCounts.count > ample.byteCounts.count)
    let totals = [ample, scarce, last].map { $0.byteCounts.reduce(0, +) }
    #expect(Set(totals).count == 1 && totals[0] > Self.batchCount * 100_000)
  }
}
