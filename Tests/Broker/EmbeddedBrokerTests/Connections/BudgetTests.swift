import EventLoop
import KafkaWire
import SimulationKit
import Streams
import Synchronization
import Testing

@testable import EmbeddedBroker

/// What all connections hold together stays below its bound, whatever they send and however they end.
@Suite("Budgets of connections", .serialized) struct BudgetTests {
  @Test("Large requests wait for room and are all answered; small ones get through meanwhile; nothing stays taken")
  func requestsInFlight() async throws {
    let limit = 1 << 20
    let broker = try await BrokerScene.start { $0.connectionLimits.requestsInFlightBytes = limit }
    let (holder, writer, group) = (broker.client(), broker.client(), broker.client())
    try group.make("t", configs: ["max.message.bytes": "10000000"])
    let request = try frame(valueBytes: 3_000_000)
    // More than the budget has, so that from here on nobody else gets any of it.
    feed([(holder, request.prefix(2_500_000))]) {}
    try await broker.until(\.requests.taken) { $0 > limit }
    let patient = try frame(valueBytes: 300_000)
    let sent = writer.offer(patient[...])
    for _ in 0..<100 { #expect(try group.ask(ApiVersionsRequest(), version: 0).errorCode == .none) }
    #expect(!writer.hasNews(), "it waits for room")
    #expect(broker.budgets.requests.taken <= limit + request.count)
    feed([(holder, request.dropFirst(2_500_000)), (writer, patient.dropFirst(try #require(sent)))]) {}
    for client in [holder, writer] {
      let answer = try client.answer(to: ProduceRequest.self, version: 7, correlationID: 1)
      #expect(answer.responses.first?.partitionResponses.first?.errorCode == ErrorCode.none)
    }
    #expect(broker.budgets.requests.taken == 0)
    await broker.end()
  }

  @Test("Thirty clients that send at once never take more than the budget and one request")
  func crowd() async throws {
    let limit = 1 << 20
    let broker = try await BrokerScene.start { $0.connectionLimits.requestsInFlightBytes = limit }
    try broker.client().make("t")
    let request = try frame(valueBytes: 900_000)
    let clients = (0..<30).map { _ in broker.client() }
    var highest = 0
    feed(clients.map { ($0, request[...]) }) { highest = max(highest, broker.budgets.requests.taken) }
    for client in clients {
      let answer = try client.answer(to: ProduceRequest.self, version: 7, correlationID: 1)
      #expect(answer.responses.first?.partitionResponses.first?.errorCode == ErrorCode.none)
    }
    #expect(highest > 0 && highest <= limit + request.count)
    #expect(broker.budgets.requests.taken == 0)
    await broker.end()
  }

  @Test("Clients that leave in the middle of their requests leave nothing behind, also those that wait for room")
  func leavers() async throws {
    let limit = 1 << 20
    let broker = try await BrokerScene.start { $0.connectionLimits.requestsInFlightBytes = limit }
    try broker.client().make("t")
    let request = try frame(valueBytes: 900_000)
    for _ in 0..<5 {
      let leavers = (0..<10).map { _ in broker.client() }
      for (index, client) in leavers.enumerated() { _ = client.offer(request.prefix(80_000 * (index + 1))) }
      leavers.forEach { $0.leave() }
    }
    let client = broker.client()
    feed([(client, request[...])]) {}
    _ = try client.answer(to: ProduceRequest.self, version: 7, correlationID: 1)
    // The last leavers may go after it.
    try await broker.until(\.requests.taken) { $0 == 0 }
    await broker.end()
  }

  @Test("A request that had to wait for room has its whole time from then on")
  func timeWhileWaiting() async throws {
    let broker = try await BrokerScene.start {
      $0.connectionLimits.requestsInFlightBytes = 1 << 20
      $0.connectionLimits.frameTime = .seconds(2)
      $0.connectionLimits.sweepInterval = .milliseconds(1)
    }
    let (holder, patient, other) = (broker.client(), broker.client(), broker.client())
    try other.make("t", configs: ["max.message.bytes": "10000000"])
    feed([(holder, try frame(valueBytes: 3_000_000).prefix(2_500_000))]) {}
    try await broker.until(\.requests.taken) { $0 > 1 << 20 }
    let request = try frame(valueBytes: 300_000)
    let sent = try #require(patient.offer(request.dropLast()))
    #expect(holder.isClosed())
    for _ in 0..<100 { _ = try other.ask(ApiVersionsRequest(), version: 0) }
    feed([(patient, request.dropFirst(sent))]) {}
    let answer = try patient.answer(to: ProduceRequest.self, version: 7, correlationID: 1)
    #expect(answer.responses.first?.partitionResponses.first?.errorCode == ErrorCode.none)
    await broker.end()
  }

  @Test("Pitfall 17: without any budget for answers everything is answered, in small pieces, and nothing stays taken")
  func responses() async throws {
    for budget in [0, 1 << 20] {
      let broker = try await BrokerScene.start { $0.connectionLimits.responsesInFlightBytes = budget }
      let writer = broker.client()
      try writer.make("t")
      let batch = WireClient.batch(valueBytes: 900_000)
      for _ in 0..<8 { _ = try writer.produce(batch, to: "t") }
      var slow = (0..<20).map { _ in WireClient(broker.address, receiveBufferBytes: 4096) }
      for client in slow { try client.post(WireClient.fetchRequest("t", maxBytes: 50 << 20), version: 11) }
      var starts = try slow.map { try #require($0.receive(4)) }
      #expect(broker.budgets.responses.taken == budget)
      // Half of them go in the middle of their answers; the others read to the end.
      slow.removeFirst(10)
      starts.removeFirst(10)
      for (client, start) in zip(slow, starts) {
        let frame = try #require(client.receive(start.reduce(0) { $0 << 8 | Int($1) }))
        let (_, body) = try ResponseHeader.decode(frame[...], key: .fetch, version: 11)
        let answer = try FetchResponse.decode(body, version: 11)
        #expect(try answer.responses.first?.partitions.first?.batchOffsets == Array(0..<8))
      }
      try await broker.until(\.responses.taken) { $0 == 0 }
      await broker.end()
    }
  }

  private func frame(valueBytes: Int) throws -> [UInt8] {
    try WireClient.bytes(
      WireClient.produceRequest(WireClient.batch(valueBytes: valueBytes), to: "t"), version: 7)
  }

  /// Sends each client's bytes, of all at once, as far as the broker takes them; returns when all are sent.
  private func feed(_ loads: [(WireClient, ArraySlice<UInt8>)], between: () -> Void) {
    var left = loads
    while !left.isEmpty {
      for index in left.indices {
        left[index].1 = left[index].1.dropFirst(left[index].0.offer(left[index].1) ?? left[index].1.count)
      }
      left.removeAll { $0.1.isEmpty }
      between()
    }
  }
}
