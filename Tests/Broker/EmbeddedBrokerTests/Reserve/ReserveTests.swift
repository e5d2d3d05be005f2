import FoundationEssentials
import Glibc
import KafkaWire
import PartitionLog
import Testing

@testable import EmbeddedBroker

/// A broker in this process on a disk that fills up.
@Suite("The reserve", .serialized) struct ReserveTests {
  private static let reserve: Int64 = 1 << 20

  private func start(_ disk: SmallDisk, in directory: String) async throws -> BrokerScene {
    try await BrokerScene.start(in: directory, files: disk) {
      $0.room = disk
      $0.reserveBytes = Self.reserve
    }
  }

  private func held(_ broker: BrokerScene) throws -> Int64? {
    try DiskFiles().heldByteCount("\(broker.directory)/reserve")
  }

  private func newDirectory() -> String { "/tmp/broker-\(UInt64.random(in: 0 ... .max))" }

  /// Appends until that is refused, and gives the offsets that were acknowledged.
  private func fill(_ client: WireClient, _ topic: String) throws -> [Int64] {
    var offsets: [Int64] = []
    while offsets.count < 10_000 {
      let answer = try client.produce(WireClient.batch(valueBytes: 10_000), to: topic)
      guard answer.errorCode == .none else {
        #expect(answer.errorCode == .kafkaStorageError)
        return offsets
      }
      offsets.append(answer.baseOffset)
    }
    return offsets
  }

  private func commit(_ client: WireClient, _ offset: Int64) throws -> ErrorCode? {
    try client.ask(
      OffsetCommitRequest { request in
        request.groupID = "g"
        request.generationID = -1
        request.topics = [
          OffsetCommitRequest.Topic { topic in
            topic.name = "t"
            topic.partitions = [OffsetCommitRequest.Partition { $0.committedOffset = offset }]
          }
        ]
      }, version: 7
    ).topics.first?.partitions.first?.errorCode
  }

  private func make(_ client: WireClient, _ name: String) throws -> ErrorCode? {
    try client.ask(
      CreateTopicsRequest { request in
        request.timeoutMilliseconds = 10_000
        request.topics = [
          CreateTopicsRequest.Topic {
            $0.name = name
            $0.numPartitions = 1
            $0.replicationFactor = 1
          }
        ]
      }, version: 5
    ).topics.first?.errorCode
  }

  private func deleteRecords(_ client: WireClient, before offset: Int64) throws -> ErrorCode? {
    try client.ask(
      DeleteRecordsRequest { request in
        request.timeoutMilliseconds = 10_000
        request.topics = [
          DeleteRecordsRequest.Topic { topic in
            topic.name = "t"
            topic.partitions = [DeleteRecordsRequest.Partition { $0.offset = offset }]
          }
        ]
      }, version: 1
    ).topics.first?.partitions.first?.errorCode
  }

  @Test("On a full disk clients are refused, offsets are kept, and deleting records makes room for all")
  func fullDisk() async throws {
    let disk = SmallDisk(byteCount: 6 << 20)
    var broker = try await start(disk, in: newDirectory())
    #expect(try held(broker) == Self.reserve)
    var client = broker.client()
    try client.make("t", configs: ["segment.bytes": "1048576"])
    let acknowledged = try fill(client, "t")
    #expect(acknowledged.count > 400)
    #expect(try held(broker) == Self.reserve, "a client does not get the reserve")
    disk.use(disk.available)

    #expect(try commit(client, 7) == ErrorCode.none)
    #expect(try held(broker) == 0)
    #expect(try client.produce(WireClient.batch([[1]]), to: "t").errorCode == .kafkaStorageError)
    #expect(try make(client, "another") == .kafkaStorageError)
    #expect(disk.available > 900_000, "the reserve is not for clients")

    // A broker that starts on the full disk knows that the last room is its own.
    await broker.stop()
    broker = try await start(disk, in: broker.directory)
    client = broker.client()
    #expect(try client.produce(WireClient.batch([[1]]), to: "t").errorCode == .kafkaStorageError)
    #expect(try commit(client, 8) == ErrorCode.none)

    #expect(try deleteRecords(client, before: acknowledged.last ?? 0) == ErrorCode.none)
    #expect(try held(broker) == Self.reserve)
    let next = try client.produce(WireClient.batch([[1]]), to: "t")
    #expect(next.errorCode == .none)
    #expect(next.baseOffset == Int64(acknowledged.count))
    #expect(try make(client, "another") == ErrorCode.none)
    await broker.end()
  }

  @Test("Deleting a topic on a full disk makes room for the others")
  func deleteTopic() async throws {
    let disk = SmallDisk(byteCount: 4 << 20)
    let broker = try await start(disk, in: newDirectory())
    let client = broker.client()
    for topic in ["t", "u"] { try client.make(topic) }
    _ = try client.produce(WireClient.batch([[1]]), to: "u")
    _ = try fill(client, "t")
    disk.use(disk.available)
    let deleted = try client.ask(
      DeleteTopicsRequest {
        $0.timeoutMilliseconds = 10_000
        $0.topicNames = ["t"]
      }, version: 4
    ).responses.first?.errorCode
    #expect(deleted == ErrorCode.none)
    // The files go in the background: a client tries again, as it does with this error.
    var answer = try client.produce(WireClient.batch([[2]]), to: "u")
    for _ in 0..<100_000 where answer.errorCode != .none {
      #expect(answer.errorCode == .kafkaStorageError)
      answer = try client.produce(WireClient.batch([[2]]), to: "u")
    }
    #expect(answer.baseOffset == 1)
    await broker.end()
  }

  @Test("A disk without room for the reserve is used as it is; with room the reserve is made")
  func noRoomAtStart() async throws {
    let disk = SmallDisk(byteCount: 500_000)
    var broker = try await start(disk, in: newDirectory())
    #expect(try held(broker) == nil)
    try broker.client().make("t")
    #expect(try broker.client().produce(WireClient.batch([[1]]), to: "t").baseOffset == 0)
    await broker.stop()
    disk.use(-2 << 20)
    broker = try await start(disk, in: broker.directory)
    #expect(try held(broker) == Self.reserve)
    #expect(try broker.client().fetch("t").batchOffsets == [0])
    await broker.end()
  }

  @Test("The file holds blocks, not a length alone")
  func blocks() throws {
    let path = "/tmp/reserve-\(UInt64.random(in: 0 ... .max))"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let before = try DiskFiles().availableByteCount(at: "/tmp")
    #expect(before > 0)
    #expect(try DiskFiles().heldByteCount(path) == nil)
    try DiskFiles().hold(3 << 20, in: path)
    #expect(try DiskFiles().heldByteCount(path) == 3 << 20)
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_blocks * 512 >= 3 << 20)
    try DiskFiles().giveBack(path)
    #expect(stat(path, &status) == 0 && status.st_blocks == 0)
    #expect(throws: FileError.self) { try DiskFiles().hold(1 << 60, in: path) }
    #expect(try DiskFiles().heldByteCount(path) == 0, "a file that was there stays, empty")
    #expect(throws: FileError.self) { try DiskFiles().hold(1 << 60, in: path + "-new") }
    #expect(try DiskFiles().heldByteCount(path + "-new") == nil)
  }
}
