import KafkaWire
import Testing

@testable import EmbeddedBroker

/// Who holds a connection and does nothing with it loses it; who waits for an answer does not. Bytes over loopback.
@Suite("Deadlines of connections", .serialized) struct DeadlineTests {
  @Test("A silent connection is closed after its time; one that waits for records or has just asked is not")
  func silence() async throws {
    let broker = try await BrokerScene.start {
      $0.connectionLimits.idleTime = .seconds(1)
      $0.connectionLimits.sweepInterval = .milliseconds(10)
    }
    let (waiting, silent) = (broker.client(), broker.client())
    try waiting.make("t")
    try waiting.post(WireClient.fetchRequest("t", waitMilliseconds: 20_000), version: 11)
    #expect(try silent.ask(ApiVersionsRequest(), version: 0).errorCode == .none)
    #expect(silent.isClosed())
    #expect(try broker.client().produce(WireClient.batch([[1]]), to: "t").errorCode == .none)
    let answer = try waiting.answer(to: FetchRequest.self, version: 11)
    #expect(try answer.responses.first?.partitions.first?.batchOffsets == [0])
    await broker.end()
  }

  @Test(
    "K57: a request that began and does not end in time is closed, whether its client sends nothing or byte by byte")
  func slowFrames() async throws {
    let broker = try await BrokerScene.start {
      $0.connectionLimits.frameTime = .milliseconds(300)
      $0.connectionLimits.sweepInterval = .milliseconds(10)
    }
    let (silent, dribbling, idle) = (broker.client(), broker.client(), broker.client())
    let claim: [UInt8] = [0x06, 0x40, 0, 0]
    silent.send(claim + [0])
    dribbling.send(claim)
    var sent = 0
    while dribbling.send([0]) { sent += 1 }
    #expect(sent < BrokerLimits.requestBytes, "the frame did not end")
    #expect(silent.isClosed())
    // Who is between two requests has all the time of a silent connection.
    #expect(try idle.ask(ApiVersionsRequest(), version: 0).errorCode == .none)
    #expect(broker.budgets.requests.taken == 0)
    await broker.end()
  }

  @Test("A client that has gone while its request waits gives its place to another")
  func gone() async throws {
    let broker = try await BrokerScene.start {
      $0.connectionLimits.connections = 1
      $0.connectionLimits.frameTime = .milliseconds(100)
      $0.connectionLimits.sweepInterval = .milliseconds(10)
    }
    let leaver = broker.client()
    try leaver.make("t")
    try leaver.post(WireClient.fetchRequest("t", waitMilliseconds: 250_000), version: 11)
    leaver.leave()
    #expect(try broker.client().ask(ApiVersionsRequest(), version: 0).errorCode == .none)
    await broker.end()
  }

  @Test("A client that sends several requests and goes has all of them handled")
  func sentAndGone() async throws {
    let files = GatedFiles()
    let broker = try await BrokerScene.start(files: files)
    let reader = broker.client()
    try reader.make("t")
    files.set(.wait)
    let leaver = broker.client()
    for number: UInt8 in 0..<20 {
      try leaver.post(WireClient.produceRequest(WireClient.batch([[number]]), to: "t"), version: 7)
    }
    leaver.leave()
    files.awaitWaiting(1)
    files.set(.pass)
    let answer = try reader.fetch("t", minBytes: Int32(20 * WireClient.batch([[1]]).count), waitMilliseconds: 20_000)
    #expect(try answer.batchOffsets == Array(0..<20))
    withExtendedLifetime(leaver) {}
    await broker.end()
  }

  @Test("Connections beyond the limit wait, and get in when one goes")
  func connectionLimit() async throws {
    let broker = try await BrokerScene.start { $0.connectionLimits.connections = 3 }
    var clients = (0..<3).map { _ in broker.client() }
    for client in clients { #expect(try client.ask(ApiVersionsRequest(), version: 0).errorCode == .none) }
    let waiting = (0..<2).map { _ in broker.client() }
    for client in waiting { try client.post(ApiVersionsRequest(), version: 0) }
    for _ in 0..<100 { _ = try clients[0].ask(ApiVersionsRequest(), version: 0) }
    #expect(!waiting[0].hasNews() && !waiting[1].hasNews())
    clients.removeLast()
    #expect(try waiting[0].answer(to: ApiVersionsRequest.self, version: 0).errorCode == .none)
    #expect(!waiting[1].hasNews())
    clients.removeLast()
    #expect(try waiting[1].answer(to: ApiVersionsRequest.self, version: 0).errorCode == .none)
    await broker.end()
  }
}
