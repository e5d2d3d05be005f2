import FoundationEssentials
import Glibc
import KafkaWire
import PartitionLog
import Testing

@testable import EmbeddedBroker

/// How a broker begins, ends, and finds again what it had. In this process, over folders of their own.
@Suite("Start and stop", .serialized) struct StartTests {
  @Test("A second broker on the folder is refused by name, and the first goes on")
  func secondInstance() async throws {
    let broker = try await BrokerScene.start()
    let error = await #expect(throws: BrokerError.self) { _ = try await BrokerScene.start(in: broker.directory) }
    #expect(error?.code == .folderInUse)
    #expect(error?.message.contains(broker.directory) == true)
    #expect(try broker.client().ask(ApiVersionsRequest(), version: 0).errorCode == ErrorCode.none)
    await broker.end()
  }

  @Test("Pitfall 20: a program that the broker's process has started does not keep the lock")
  func inheritedLock() async throws {
    let broker = try await BrokerScene.start()
    var child: pid_t = 0
    let names = ["sleep", "600"]
    var words = names.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    #expect(posix_spawnp(&child, "sleep", nil, nil, &words, environ) == 0)
    defer {
      kill(child, SIGKILL)
      waitpid(child, nil, 0)
    }
    await broker.stop()
    let second = try await BrokerScene.start(in: broker.directory)
    await second.end()
  }

  @Test(
    "After a stop everything is there: records, offsets of producers, the cluster's identifier; nothing is recovered")
  func cleanRestart() async throws {
    let first = try await BrokerScene.start()
    let client = first.client()
    try client.make("t", partitions: 2)
    for _ in 0..<3 { _ = try client.produce(WireClient.batch([[1], [2]]), to: "t", 1) }
    let cluster = try client.ask(MetadataRequest { $0.topics = [] }, version: 5).clusterID
    await first.stop()
    let marker = "\(first.directory)/clean-shutdown"
    #expect(FileManager.default.fileExists(atPath: marker))
    let second = try await BrokerScene.start(in: first.directory)
    #expect(!FileManager.default.fileExists(atPath: marker), "a kill from here on is a kill")
    let again = second.client()
    #expect(try again.ask(MetadataRequest { $0.topics = [] }, version: 5).clusterID == cluster)
    #expect(try again.fetch("t", 1).batchOffsets == [0, 2, 4])
    #expect(try again.produce(WireClient.batch([[3]]), to: "t", 1).baseOffset == 6)
    #expect(try again.produce(WireClient.batch([[3]]), to: "t", 0).baseOffset == 0)
    await second.end()
  }

  @Test("Stopped while requests are under way, it lets clients go and loses nothing that was acknowledged")
  func stopUnderWork() async throws {
    let first = try await BrokerScene.start()
    let (writer, reader) = (first.client(), first.client())
    try writer.make("t")
    try reader.post(WireClient.fetchRequest("t", from: 0, minBytes: 1 << 20, waitMilliseconds: 60_000), version: 11)
    let acknowledged = try (0..<50).map { _ in try writer.produce(WireClient.batch([[1]]), to: "t").baseOffset }
    try writer.post(WireClient.produceRequest(WireClient.batch([[2]]), to: "t"), version: 7)
    await first.stop()
    #expect(reader.isClosed())
    let second = try await BrokerScene.start(in: first.directory)
    #expect(try second.client().fetch("t").batchOffsets.starts(with: acknowledged))
    await second.end()
  }

  @Test("Pitfall 21: a topic that Metadata names takes records of a producer's first batch at once", arguments: 0..<5)
  func namedTopicsTakeRecords(_ round: Int) async throws {
    let broker = try await BrokerScene.start { $0.configs = ["auto.create.topics.enable": "true"] }
    let client = broker.client()
    var named: MetadataResponse.Topic?
    for _ in 0..<10_000 where named?.errorCode != ErrorCode.none {
      named = try client.ask(
        MetadataRequest {
          $0.topics = [MetadataRequest.Topic { $0.name = "made" }]
          $0.allowAutoTopicCreation = true
        }, version: 5
      ).topics.first
    }
    #expect(named?.errorCode == ErrorCode.none)
    let batch = WireClient.batch([[1]]) {
      $0.producerID = 7
      $0.producerEpoch = 0
      $0.baseSequence = 0
    }
    #expect(try client.produce(batch, to: "made").baseOffset == 0)
    await broker.end()
  }

  @Test("An address that another has is refused, and the folder is free again")
  func addressInUse() async throws {
    let broker = try await BrokerScene.start()
    let folder = "/tmp/broker-\(UInt64.random(in: 0 ... .max))"
    let address = broker.address
    let error = await #expect(throws: BrokerError.self) {
      _ = try await BrokerScene.start(in: folder) { $0.listen = address }
    }
    #expect(error?.code == .address)
    let other = try await BrokerScene.start(in: folder)
    await other.end()
    await broker.end()
  }

  @Test("A full disk is told retriably, the log is as it was, and goes on when there is room")
  func fullDisk() async throws {
    let files = GatedFiles()
    let broker = try await BrokerScene.start(files: files)
    let client = broker.client()
    try client.make("t")
    _ = try client.produce(WireClient.batch([[1]]), to: "t")
    files.refuseWrites(true)
    let refused = try client.produce(WireClient.batch([[2]]), to: "t")
    #expect(refused.errorCode == .kafkaStorageError)
    #expect(refused.baseOffset == -1)
    #expect(try client.fetch("t").batchOffsets == [0])
    files.refuseWrites(false)
    #expect(try client.produce(WireClient.batch([[3]]), to: "t").baseOffset == 1)
    await broker.end()
  }

  @Test("A sync that fails ends the broker, and nobody is told that the record stands")
  func failedSync() async throws {
    let files = GatedFiles()
    let failed = Flag()
    let broker = try await BrokerScene.start(files: files) { $0.diskFailed = { _ in failed.raise() } }
    let client = broker.client()
    try client.make("t")
    files.set(.fail)
    try client.post(WireClient.produceRequest(WireClient.batch([[1]]), to: "t"), version: 7)
    failed.await()
    #expect(!client.hasNews())
    files.set(.pass)
    await broker.end()
  }
}

/// Something that happens on another thread and is waited for. Sendable because the semaphore may be used by any.
private final class Flag: @unchecked Sendable {
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
  init() { sem_init(semaphore, 0, 0) }
  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }
  func raise() { sem_post(semaphore) }
  func await() { while sem_wait(semaphore) != 0 {} }
}
