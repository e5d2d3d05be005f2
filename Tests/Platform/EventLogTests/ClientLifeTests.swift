import EventLog
import EventLoop
import Glibc
import LogRecords
import Testing

extension LogClientTests {
  /// Tests without a broker, or with the library's own mock of one.
  @Suite(.timeLimit(.minutes(2)), .serialized)
  struct ClientLifeTests {
    private static var mock: EventLogOptions {
      var options = EventLogOptions(bootstrapServers: "mock", clientID: "test")
      options.librarySettings["test.mock.num.brokers"] = "1"
      return options
    }

    /// Goal: a producer works against the library's mock cluster: acknowledgement, flush, counters.
    @Test func `a record is acknowledged by the mock`() async throws {
      try await onLoop { loop in
        let producer = try LogProducer(loop: loop, options: ClientLifeTests.mock)
        let position = try await producer.send(
          OutgoingRecord(topic: "t", partition: 0, key: nil, value: [1], headers: RecordHeaders()))
        #expect(position == RecordPosition(TopicPartition("t", 0), offset: 0))
        producer.send(OutgoingRecord(topic: "t", partition: 0, key: nil, value: [2], headers: RecordHeaders())) { _ in }
        await producer.flush(within: .seconds(20))
        #expect(producer.counters.acknowledged == 2)
        await producer.close()
      }
    }

    /// Goal: a wrong setting is refused with its name, and nothing is left of the attempt.
    @Test func `a wrong setting is named`() async throws {
      try await onLoop { loop in
        var options = EventLogOptions(bootstrapServers: "127.0.0.1:1", clientID: "test")
        options.librarySettings["no.such.setting"] = "1"
        do {
          _ = try LogProducer(loop: loop, options: options)
          Issue.record("an unknown setting was accepted")
        } catch let error as EventLogError {
          #expect(error.code == .configuration)
          #expect(error.message.contains("no.such.setting"))
        }
      }
    }

    /// Goal: nobody at the address is a clear, retriable error for admin and producer, and closing does not wait for it.
    @Test func `nobody there is unreachable`() async throws {
      try await onLoop { loop in
        let options = EventLogOptions(bootstrapServers: "127.0.0.1:1", clientID: "test")
        let admin = try LogAdmin(loop: loop, options: options)
        do {
          _ = try await admin.brokerCount(within: .milliseconds(500))
          Issue.record("a broker answered where there is none")
        } catch let error as EventLogError {
          #expect([.unreachable, .timedOut].contains(error.code))
          #expect(error.isRetriable)
        }
        await admin.close()
        var limits = LogProducer.Limits()
        limits.deliveryTimeout = .milliseconds(300)
        let producer = try LogProducer(loop: loop, options: options, limits: limits)
        do {
          _ = try await producer.send(
            OutgoingRecord(topic: "t", partition: 0, key: nil, value: [1], headers: RecordHeaders()))
          Issue.record("a record was acknowledged by nobody")
        } catch let error as EventLogError {
          #expect(error.code == .timedOut)
          #expect(error.isRetriable)
        }
        var answer: EventLogError.Code?
        producer.send(OutgoingRecord(topic: "t", partition: 0, key: nil, value: [1], headers: RecordHeaders())) {
          result in
          if case .failure(let error) = result { answer = error.code }
        }
        await producer.close()
        #expect(answer == .closed)
      }
    }

    /// Goal: closed clients leave no descriptor and no thread, whatever they were doing.
    @Test func `closing leaves nothing behind`() async throws {
      try await onLoop { loop in
        try await ClientLifeTests.useAndClose(loop)
        let before = (ClientLifeTests.count("/proc/self/fd"), ClientLifeTests.libraryThreads())
        for _ in 0..<3 { try await ClientLifeTests.useAndClose(loop) }
        // Threads that were told to end need a moment to be gone from the kernel's list.
        while ClientLifeTests.libraryThreads() > before.1 { try await loop.sleep(for: .milliseconds(5)) }
        while ClientLifeTests.count("/proc/self/fd") > before.0 { try await loop.sleep(for: .milliseconds(5)) }
      }
    }

    private static func useAndClose(_ loop: EventLoop) async throws {
      let options = EventLogOptions(bootstrapServers: "127.0.0.1:1", clientID: "closing")
      let producer = try LogProducer(loop: loop, options: options)
      producer.send(OutgoingRecord(topic: "t", partition: 0, key: nil, value: [1], headers: RecordHeaders())) { _ in }
      let reader = try PartitionReader(loop: loop, options: options)
      reader.add([TopicPartition("t", 0): .earliest])
      let member = Member("m")
      try member.join(loop, options, group: "g", topic: "t")
      let admin = try LogAdmin(loop: loop, options: options)
      await admin.close()
      await reader.close()
      await producer.close()
      await member.consumer.close()
    }

    private static func count(_ directory: String) -> Int { entries(directory).count }

    private static func entries(_ directory: String) -> [String] {
      guard let stream = opendir(directory) else { return [] }
      defer { closedir(stream) }
      var names: [String] = []
      while let entry = readdir(stream) {
        names.append(
          withUnsafePointer(to: &entry.pointee.d_name) {
            String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
          })
      }
      return names
    }

    /// Threads named as the library and the clients name theirs.
    private static func libraryThreads() -> Int {
      entries("/proc/self/task").count { thread in
        var name = [UInt8](repeating: 0, count: 64)
        let descriptor = open("/proc/self/task/\(thread)/comm", O_RDONLY)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let size = read(descriptor, &name, name.count)
        let text = String(decoding: name.prefix(max(0, size)), as: UTF8.self)
        return text.hasPrefix("rdk:") || text.hasPrefix("log-")
      }
    }
  }
}
