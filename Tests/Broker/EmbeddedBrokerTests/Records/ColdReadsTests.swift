import Glibc
import KafkaWire
import PartitionLog
import Testing

@testable import EmbeddedBroker

/// Records that are not in memory are read by the disk's threads: clients are answered the same, and nobody else waits.
@Suite("Cold reads", .serialized) struct ColdReadsTests {
  private static let valueBytes = [10, 400_000, 400_000, 20, 300_000, 30]

  private func fill(_ client: WireClient) throws {
    try client.make("t", configs: ["segment.bytes": "1048576"])
    for bytes in Self.valueBytes { _ = try client.produce(WireClient.batch(valueBytes: bytes), to: "t") }
  }

  /// What a client sees of the partition: each batch by itself, all in pieces, and both ends by time.
  private func view(_ client: WireClient) throws -> [[Int64]] {
    let each = try Self.valueBytes.indices.map { try client.fetch("t", from: Int64($0), maxBytes: 1).batchOffsets }
    let whole = try [Int64(0), 2, 3].map { try client.fetch("t", from: $0, maxBytes: 50 << 20).batchOffsets }
    let times = try [Int64(0), .max, -3].map { [try client.listOffsets("t", at: $0).offset] }
    return each + whole + times
  }

  @Test("Whatever is in memory, answers are the same", arguments: [GatedFiles.Reads.cold, .halfCold])
  func sameAnswers(_ reads: GatedFiles.Reads) async throws {
    let files = GatedFiles()
    let broker = try await BrokerScene.start(files: files)
    let client = broker.client()
    try fill(client)
    let warm = try view(client)
    let before = files.diskReadCount
    files.set(reads: reads)
    #expect(try view(client) == warm)
    #expect(files.diskReadCount > before)
    #expect(broker.budgets.responses.taken == 0)
    await broker.end()
  }

  @Test("What the kernel has put out of memory is read again")
  func droppedPages() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try fill(client)
    let warm = try view(client)
    let folder = "\(broker.directory)/t-0"
    let segments = try DiskFiles().names(in: folder).filter { $0.hasSuffix(".log") }
    #expect(segments.count > 1)
    for segment in segments {
      let descriptor = open("\(folder)/\(segment)", O_RDONLY)
      #expect(descriptor >= 0 && posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED) == 0)
      close(descriptor)
    }
    #expect(try view(client) == warm)
    await broker.end()
  }

  @Test(
    "While one client's records come from the disk others are answered; who has gone meanwhile leaves nothing behind")
  func gone() async throws {
    let files = GatedFiles()
    let broker = try await BrokerScene.start(files: files)
    let other = broker.client()
    try fill(other)
    files.set(reads: .wait)
    var leaver: WireClient? = broker.client()
    try leaver?.post(WireClient.fetchRequest("t", maxBytes: 50 << 20), version: 11)
    files.awaitWaiting(1)
    #expect(try other.ask(ApiVersionsRequest(), version: 0).errorCode == .none)
    #expect(try other.produce(WireClient.batch([[1]]), to: "t").errorCode == .none)
    leaver = nil
    files.set(reads: .cold)
    #expect(try other.fetch("t").batchOffsets.first == 0)
    try await broker.until(\.responses.taken) { $0 == 0 }
    await broker.end()
  }

  @Test("A disk that cannot be read is told by partition, and in the middle of an answer by the connection's end")
  func failing() async throws {
    let files = GatedFiles()
    let broker = try await BrokerScene.start(files: files)
    let client = broker.client()
    try fill(client)
    files.set(reads: .fail)
    let data = try client.fetch("t")
    #expect(data.errorCode == .kafkaStorageError)
    #expect(data.highWatermark == -1)
    #expect(try client.listOffsets("t", at: 0).errorCode == .kafkaStorageError)
    files.set(reads: .asTheyCome)
    // More than all buffers between the two take.
    try client.make("large")
    let batch = WireClient.batch(valueBytes: 1_000_000)
    for _ in 0..<20 { _ = try client.produce(batch, to: "large") }
    let slow = WireClient(broker.address, receiveBufferBytes: 4096)
    try slow.post(WireClient.fetchRequest("large", maxBytes: 50 << 20), version: 11)
    let length = try #require(slow.receive(4)).reduce(0) { $0 << 8 | Int($1) }
    files.set(reads: .fail)
    #expect(length > 20_000_000)
    #expect(slow.receive(length) == nil, "it breaks off")
    files.set(reads: .asTheyCome)
    #expect(try client.fetch("t").batchOffsets.first == 0)
    #expect(broker.budgets.responses.taken == 0)
    await broker.end()
  }
}
