import FoundationEssentials
import Glibc
import KafkaWire
import RealServers
import SimulationKit
import Streams
import Testing

@testable import EmbeddedBroker

/// Whatever a client sends, the built program answers it or ends that connection: it neither ends nor grows.
///
/// `MILLRACE_BROKER_FUZZ_INPUTS` sets how many requests are sent, `MILLRACE_PROGRAM` which program is asked.
@Suite("Fuzz of a running broker", .serialized, .enabled(if: BrokerFixture.isAvailable, "the program is not built"))
struct FuzzTests {
  static let inputs = getenv("MILLRACE_BROKER_FUZZ_INPUTS").flatMap { Int(String(cString: $0)) } ?? 4_000
  static let inputsPerSeed = 100

  @Test("Pitfall 16: damaged and random requests and batches end connections at most, in bounded memory")
  func requests() async throws {
    let broker = try await BrokerFixture.start(words: ["--durability", "os"])
    defer { broker.stop() }
    let run = try FuzzRun(broker)
    try run.makeTopics()
    try SeededProperty.holds(forSeeds: Self.inputs / Self.inputsPerSeed) { generator in
      for _ in 0..<Self.inputsPerSeed / FuzzRun.clientCount { try run.step(&generator) }
    }
    print("fuzz: \(run.summary)")
    #expect(run.answered > 0 && run.closed > 0, "both must occur, or the wrong bytes are tried")
    #expect(run.highestResidentBytes < 1 << 30)
    // What it has become is a broker, and one that starts.
    try run.checkService()
    #expect(try await broker.terminate() == 0)
    try await broker.resume()
    try run.checkService()
  }
}

/// One broker under fire, of several clients at a time.
private final class FuzzRun {
  static let clientCount = 10

  private let broker: BrokerFixture
  private let address: StreamAddress
  private var frames: FuzzFrames
  private var clients: [WireClient]
  private(set) var answered = 0
  private(set) var closed = 0
  private(set) var unanswered = 0
  private(set) var highestResidentBytes = 0

  init(_ broker: BrokerFixture) throws {
    self.broker = broker
    let address = try #require(StreamAddress(broker.bootstrapServers))
    self.address = address
    frames = try FuzzFrames()
    clients = (0..<Self.clientCount).map { _ in Self.client(address) }
  }

  private static func client(_ address: StreamAddress) -> WireClient {
    WireClient(address, patience: .milliseconds(500))
  }

  var summary: String {
    "\(answered) requests were answered, \(closed) connections were ended, \(unanswered) requests waited too long; "
      + "at most \(highestResidentBytes >> 20) MiB were resident"
  }

  func makeTopics() throws {
    let client = WireClient(address)
    try client.make("t", partitions: 4)
    try client.make("compact", partitions: 1, configs: ["cleanup.policy": "compact"])
    try client.make("small", partitions: 2, configs: ["segment.bytes": "1048576", "max.message.bytes": "1000"])
    try client.make("many", partitions: 20)
  }

  /// ApiVersions, whose answer says that what was sent before it is done with.
  private static let fence: [UInt8] = [0, 0, 0, 10, 0, 18, 0, 0, 0x7a, 0x7a, 0x7a, 0x7a, 0xff, 0xff]

  /// Sends a request of each client's, and hears what becomes of all.
  func step(_ generator: inout SeededGenerator) throws {
    let sent = try clients.map { client in
      let frame = try frames.next(using: &generator)
      client.send(withUnsafeBytes(of: Int32(frame.count).bigEndian) { Array($0) } + frame + Self.fence)
      return frame
    }
    for (index, frame) in sent.enumerated() where !hear(clients[index], frame) {
      clients[index] = Self.client(address)
      guard !clients[index].isConnected else { continue }
      let texts = sent.map { HexadecimalText.text($0) }.joined(separator: "\n")
      let log = try String(contentsOf: URL(filePath: broker.log), encoding: .utf8).suffix(4_000)
      try SeededProperty.claim(false, "the broker is gone after\n\(texts)\n\(log)")
    }
    highestResidentBytes = max(highestResidentBytes, ResidentMemory.bytes(of: broker.processID))
  }

  /// Whether the client's connection goes on.
  private func hear(_ client: WireClient, _ frame: [UInt8]) -> Bool {
    errno = 0
    while let answer = client.frame() {
      if answer.prefix(4) == [0x7a, 0x7a, 0x7a, 0x7a] {
        answered += 1
        return true
      }
      frames.learn(from: answer, to: frame)
    }
    if errno == EAGAIN { unanswered += 1 } else { closed += 1 }
    return false
  }

  func checkService() throws {
    let client = WireClient(address)
    let name = "after-\(UInt32.random(in: 0 ... .max))"
    try client.make(name)
    #expect(try client.produce(WireClient.batch([[1]]), to: name).baseOffset == 0)
    #expect(try client.fetch(name).batchOffsets == [0])
  }
}
