import EventLog
import EventLoop
import Glibc
import LogContracts
import LogRecords
import MillraceDomain
import RealServers
import SimulationKit
import Testing
import TopicAdministration

/// The command-line client that the documentation shows.
enum Kcat {
  static var isAvailable: Bool { system("kcat -V >/dev/null 2>&1") == 0 }
}

/// The commands of docs/reference/topics.md do what it says: they are taken from there and run.
@Suite(
  .enabled(if: ApacheKafkaFixture.isAvailable, Comment(rawValue: ApacheKafkaFixture.absence)),
  .enabled(if: Kcat.isAvailable, "kcat is absent"), .timeLimit(.minutes(3)))
struct DocumentedCommandsTests {
  @Test("a task produced with kcat is one that Millrace reads, and a key chooses the partition that Millrace would")
  func produceTasks() async throws {
    let broker = try await ApacheKafkaFixture.start()
    defer { broker.stop() }
    try await TopicsLoop.run(broker) { loop, _, admin in
      _ = try await TopicAdministrator(loop: loop, admin: admin).apply()
    }
    let commands = try DocumentedCommandsTests.commands().filter { $0.contains("kcat") }
      .map { $0.replacing("HOST:PORT", with: broker.bootstrapServers) }
    #expect(commands.count == 4)
    #expect(DocumentedCommandsTests.run(commands.joined(separator: "\n")) == 0)

    try await TopicsLoop.run(broker) { loop, options, admin in
      let records = try await DocumentedCommandsTests.tasks(loop, options)
      let tasks = try records.map { try TaskRecord(decoding: $0) }
      #expect(tasks.count == 2)
      #expect(Set(tasks.map(\.invocation)).count == 1)
      for task in tasks {
        #expect(task.function.text == "hello")
        #expect(task.namespace == .standard)
        #expect(task.event == Array(#"{"name":"world"}"#.utf8))
        #expect(task.context.source == "/shop/checkout")
      }
      let keyed = try #require(records.first { $0.key == Array("customer-7".utf8) })
      let producer = try LogProducer(loop: loop, options: options)
      let ours = try await producer.send(
        OutgoingRecord(topic: TopicDeclaration.tasks.name, key: keyed.key, value: [], headers: RecordHeaders()))
      #expect(ours.partition == keyed.position.partition)
      await producer.close()
    }
  }

  /// The shell commands of the page, block by block.
  private static func commands() throws -> [String] {
    let path = ProjectFolder.path + "/docs/reference/topics.md"
    let file = try #require(fopen(path, "r"), "\(path)")
    defer { fclose(file) }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { text += buffer[..<count] }
    return String(decoding: text, as: UTF8.self).split(separator: "```sh\n").dropFirst()
      .compactMap { $0.split(separator: "\n```").first.map(String.init) }
  }

  private static func run(_ script: String) -> Int32 {
    guard let shell = popen("sh -e >/dev/null", "w") else { return -1 }
    fputs(script, shell)
    return pclose(shell)
  }

  /// All that is on `millrace.tasks` now.
  private static func tasks(_ loop: EventLoop, _ options: EventLogOptions) async throws -> [ConsumedRecord] {
    let reader = try PartitionReader(loop: loop, options: options)
    let partitions = (0..<TopicDeclaration.tasks.partitions).map { TopicPartition(TopicDeclaration.tasks.name, $0) }
    var records: [ConsumedRecord] = []
    var ended: Set<TopicPartition> = []
    await withCheckedContinuation { continuation in
      reader.received = { records += $1 }
      reader.reachedEnd = { partition, _ in
        if ended.insert(partition).inserted, ended.count == partitions.count { continuation.resume() }
      }
      reader.add(Dictionary(uniqueKeysWithValues: partitions.map { ($0, .earliest) }))
    }
    await reader.close()
    return records
  }
}
