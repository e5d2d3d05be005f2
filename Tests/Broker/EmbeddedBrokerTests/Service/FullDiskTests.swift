import Glibc
import KafkaWire
import RealServers
import Streams
import Testing

/// The built program on a file system that is full, or fails.
@Suite("A full disk", .serialized, .enabled(if: BrokerFixture.isAvailable, "the program is not built"))
struct FullDiskTests {
  /// Whether this process may mount file systems.
  private static let mayMount = geteuid() == 0 && shell("d=$(mktemp -d); mount -t tmpfs none $d && umount $d; rmdir $d")

  private static func shell(_ command: String) -> Bool { system("{ \(command); } > /dev/null 2>&1") == 0 }

  /// Goal: what the manual says of a full disk, on one that the kernel says is full. Method: a file system of 160 MiB in memory; a
  /// client writes until it is refused, another one commits and deletes; kills in between.
  @Test(
    "Filled to the last block it refuses clients, keeps offsets, deletes topics, and loses nothing",
    .enabled(if: mayMount))
  func filled() async throws {
    let broker = try await BrokerFixture.start()
    defer { broker.stop() }
    try await broker.terminate()
    try #require(
      Self.shell("rm -rf \(broker.data); mkdir \(broker.data); mount -t tmpfs -o size=160m none \(broker.data)"))
    defer { _ = Self.shell("umount -l \(broker.data)") }
    try await broker.resume()
    let address = try #require(StreamAddress(broker.bootstrapServers))
    var client = WireClient(address)
    for topic in ["full", "kept"] { try client.make(topic) }
    for value in 0..<3 { #expect(try client.produce(batch(value), to: "kept").errorCode == .none) }
    var count = 0
    var answer = try client.produce(WireClient.batch(valueBytes: 1_000_000), to: "full")
    while answer.errorCode == .none, count < 1_000 {
      count += 1
      answer = try client.produce(WireClient.batch(valueBytes: 1_000_000), to: "full")
    }
    #expect(answer.errorCode == .kafkaStorageError)
    #expect((60...100).contains(count), "a reserve of 64 MiB is left alone")
    // The last blocks go to somebody else.
    _ = Self.shell("cat /dev/zero > \(broker.data)/foreign")
    #expect(try commit(client, 2) == ErrorCode.none)
    #expect(try client.produce(batch(9), to: "kept").errorCode == .kafkaStorageError)

    try await broker.kill()
    try await broker.resume()
    client = WireClient(address)
    #expect(try committed(client) == 2)
    #expect(try client.fetch("kept").batchOffsets == [0, 1, 2])
    let last = try client.fetch("full", from: Int64(count - 1), maxBytes: 2 << 20)
    #expect(last.highWatermark == Int64(count))
    #expect(try client.produce(batch(9), to: "kept").errorCode == .kafkaStorageError)

    let deleted = try client.ask(
      DeleteTopicsRequest {
        $0.timeoutMilliseconds = 10_000
        $0.topicNames = ["full"]
      }, version: 4
    ).responses.first?.errorCode
    #expect(deleted == ErrorCode.none)
    answer = try client.produce(batch(3), to: "kept")
    for _ in 0..<1_000_000 where answer.errorCode == .kafkaStorageError {
      answer = try client.produce(batch(3), to: "kept")
    }
    #expect(answer.baseOffset == 3)
    #expect(Self.shell("[ $(stat -c %b \(broker.data)/reserve) = 131072 ]"), "the reserve holds its blocks again")
    try await broker.kill()
    try await broker.resume()
    client = WireClient(address)
    #expect(try client.fetch("kept").batchOffsets == [0, 1, 2, 3])
    #expect(try committed(client) == 2)
    #expect(try await broker.terminate() == 0)
  }

  @Test("A sync that fails ends the process with 74, and the next one has everything that was acknowledged")
  func failedSync() async throws {
    let broker = try await BrokerFixture.start(environment: ["MILLRACE_BROKER_FAILPOINT=failed-sync:20"])
    defer { broker.stop() }
    let address = try #require(StreamAddress(broker.bootstrapServers))
    let client = WireClient(address)
    try client.make("t")
    var acknowledged: [Int64] = []
    for value in 0..<100 {
      try client.post(WireClient.produceRequest(batch(value), to: "t"), version: 7)
      guard client.frame() != nil else { break }
      acknowledged.append(Int64(value))
    }
    #expect(acknowledged == (0..<19).map { Int64($0) }, "the twentieth sync is told to nobody")
    #expect(try await broker.awaitEnd() >> 8 == 74)
    broker.setEnvironment([])
    try await broker.resume()
    #expect(try WireClient(address).fetch("t").batchOffsets.starts(with: acknowledged))
    #expect(try await broker.terminate() == 0)
  }

  private func batch(_ value: Int) -> [UInt8] { WireClient.batch([[UInt8(value)]]) }

  private func commit(_ client: WireClient, _ offset: Int64) throws -> ErrorCode? {
    try client.ask(
      OffsetCommitRequest { request in
        request.groupID = "g"
        request.generationID = -1
        request.topics = [
          OffsetCommitRequest.Topic { topic in
            topic.name = "kept"
            topic.partitions = [OffsetCommitRequest.Partition { $0.committedOffset = offset }]
          }
        ]
      }, version: 7
    ).topics.first?.partitions.first?.errorCode
  }

  private func committed(_ client: WireClient) throws -> Int64? {
    try client.ask(
      OffsetFetchRequest { request in
        request.groupID = "g"
        request.topics = [
          OffsetFetchRequest.Topic {
            $0.name = "kept"
            $0.partitionIndexes = [0]
          }
        ]
      }, version: 7
    ).topics.first?.partitions.first?.committedOffset
  }
}
