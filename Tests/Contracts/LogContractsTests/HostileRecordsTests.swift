import LogContracts
import LogRecords
import MillraceDomain
import SimulationKit
import Testing

/// Records that break their contract are refused with the true reason, and nothing that a producer sends stops a reader.
@Suite struct HostileRecordsTests {
  private static let task = [
    "ce_specversion": "1.0", "ce_id": "\(SampleRecords.invocation)", "ce_source": "/s",
    "ce_type": "millrace.task", "ce_schemaversion": "1", "ce_function": "hello",
  ]

  private func record(
    _ topic: TopicDeclaration, _ headers: [(String, [UInt8])], key: [UInt8]? = nil, value: [UInt8]? = [0x7b, 0x7d]
  ) -> ConsumedRecord {
    var recordHeaders = RecordHeaders()
    for (name, bytes) in headers { recordHeaders.append(name, bytes: bytes) }
    return ConsumedRecord(
      position: RecordPosition(TopicPartition(topic.name, 0), offset: 7), timestampMilliseconds: 1, key: key,
      value: value, headers: recordHeaders)
  }

  /// A task with some headers changed or, where nil, left out.
  private func task(_ changes: [String: String?] = [:], value: [UInt8]? = [0x7b, 0x7d]) -> ConsumedRecord {
    var headers = HostileRecordsTests.task
    for (name, text) in changes { headers[name] = text }
    return record(.tasks, headers.map { ($0.key, Array($0.value.utf8)) }, value: value)
  }

  private func refusal(_ record: ConsumedRecord) -> ContractError? {
    #expect(throws: ContractError.self) { try TopicCodec.reencoded(record) }
  }

  @Test("a task with the required headers alone has the defaults")
  func defaults() throws {
    let decoded = try TaskRecord(decoding: task())
    #expect(decoded.namespace == .standard)
    #expect(decoded.version == nil)
    #expect(decoded.attempt == .first)
    #expect(decoded.catalogueIndex == CatalogueIndex(0))
    #expect(decoded.reply == nil)
    #expect(decoded.contentType == "application/json")
    #expect(decoded.orderingKey == nil)
    #expect(decoded.context == RecordContext(source: "/s"))
  }

  @Test("a key that is the invocation id orders nothing; any other key does, the empty one too")
  func orderingKeys() throws {
    let id = Array(SampleRecords.invocation.description.utf8)
    let headers = HostileRecordsTests.task.map { ($0.key, Array($0.value.utf8)) }
    #expect(try TaskRecord(decoding: record(.tasks, headers, key: id)).orderingKey == nil)
    #expect(try TaskRecord(decoding: record(.tasks, headers, key: [])).orderingKey == [])
    #expect(try TaskRecord(decoding: record(.tasks, headers, key: [0xff])).orderingKey == [0xff])
  }

  @Test(
    "a header out of its form is refused, and the message begins with what is wrong",
    arguments: [
      ("ce_specversion", "0.3", ContractError.Code.badHeader, "ce_specversion is '0.3'; only 1.0 is known"),
      (
        "ce_type", "millrace.result", .wrongType, "ce_type is 'millrace.result'; millrace.tasks carries 'millrace.task'"
      ),
      ("ce_schemaversion", "2", .unknownSchemaVersion, "ce_schemaversion is '2'; this reader knows 1"),
      ("ce_schemaversion", "01", .unknownSchemaVersion, "ce_schemaversion is '01'; this reader knows 1"),
      ("ce_schemaversion", "", .unknownSchemaVersion, "ce_schemaversion is ''; this reader knows 1"),
      ("ce_source", "", .badHeader, "ce_source is empty"), ("ce_id", "", .badHeader, "ce_id is empty"),
      ("ce_id", "7", .badHeader, "ce_id is '7'; a UUID of version 7 is expected"),
      ("ce_function", "../x", .badHeader, "ce_function: '../x' is not a function name: "),
      ("ce_namespace", "A", .badHeader, "ce_namespace: 'A' is not a namespace name: "),
      ("ce_attempt", "0", .badHeader, "ce_attempt: attempt 0: "),
      ("ce_attempt", "x", .badHeader, "ce_attempt is 'x'; a decimal number is expected"),
      ("ce_attempt", "9223372036854775808", .badHeader, "ce_attempt is '9223372036854775808'; "),
      (
        "ce_functionversion", "2147483648", .badHeader, "ce_functionversion is 2147483648; a version number is expected"
      ),
      ("ce_functionversion", "-1", .badHeader, "ce_functionversion: version -1: "),
      ("ce_catalogueindex", "-1", .badHeader, "ce_catalogueindex is -1; at least 0 is expected"),
      ("ce_replypartition", "-1", .badHeader, "ce_replypartition is -1; a partition number is expected"),
      ("ce_replypartition", "2147483648", .badHeader, "ce_replypartition is 2147483648; "),
      ("ce_replypartition", "3", .missingHeader, "ce_replyto is missing"),
    ])
  func badTaskHeaders(name: String, text: String, code: ContractError.Code, message: String) {
    let error = refusal(task([name: text]))
    #expect(error?.code == code)
    #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
  }

  @Test(
    "bytes that are not UTF-8 are refused where text is read",
    arguments: [
      "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_schemaversion", "ce_function", "ce_namespace",
      "content-type", "ce_attempt", "ce_catalogueindex",
    ])
  func notUTF8(name: String) {
    var headers = HostileRecordsTests.task.filter { $0.key != name }.map { ($0.key, Array($0.value.utf8)) }
    headers.append((name, [0xff, 0xfe]))
    #expect(refusal(record(.tasks, headers)) == ContractError(.badHeader, "\(name) is not UTF-8"))
  }

  @Test("an event of 6 MiB is a task, one byte more is none")
  func largeEvents() throws {
    let largest = [UInt8](repeating: 0x20, count: 6 << 20)
    #expect(try TaskRecord(decoding: task(value: largest)).event.count == 6_291_456)
    #expect(
      refusal(task(value: largest + [0x20]))
        == ContractError(.badValue, "the event has 6291457 bytes; 6291456 are the most"))
  }

  @Test("a trace that cannot be read is no reason to refuse the work")
  func brokenTrace() throws {
    var headers = HostileRecordsTests.task.map { ($0.key, Array($0.value.utf8)) }
    headers.append(("ce_traceparent", [0xff]))
    #expect(try TaskRecord(decoding: record(.tasks, headers)).context.traceParent == nil)
  }

  @Test("messages stay short, however long a header is")
  func boundedMessages() {
    let long = String(repeating: "9", count: 1_000_000)
    for name in ["ce_specversion", "ce_id", "ce_type", "ce_schemaversion", "ce_function", "ce_attempt"] {
      #expect((refusal(task([name: long]))?.message.utf8.count ?? .max) < 400, "\(name)")
    }
  }

  @Test("of a repeated header the last one counts")
  func repeatedHeader() throws {
    let headers = HostileRecordsTests.task.map { ($0.key, Array($0.value.utf8)) }
    #expect(
      try TaskRecord(decoding: record(.tasks, headers + [("ce_function", Array("other".utf8))])).function
        == FunctionName("other"))
  }

  @Test("where a value is needed, a tombstone is refused", arguments: TopicDeclaration.all)
  func tombstones(topic: TopicDeclaration) throws {
    for sample in try SampleRecords.all().filter({ $0.topic == topic }) {
      var tombstone = sample.record
      tombstone.value = nil
      switch topic {
      case .functions, .deadLetters: #expect(throws: Never.self) { try TopicCodec.reencoded(tombstone.consumed) }
      default: #expect(refusal(tombstone.consumed)?.code == .badValue)
      }
    }
  }

  @Test(
    "an unknown schema version and another topic's type are refused on every topic", arguments: TopicDeclaration.all)
  func versionsAndTypes(topic: TopicDeclaration) throws {
    for sample in try SampleRecords.all().filter({ $0.topic == topic }) {
      for (name, code) in [("ce_schemaversion", ContractError.Code.unknownSchemaVersion), ("ce_type", .wrongType)] {
        let headers = sample.record.headers.map { header in
          var header = header
          if header.name == name { header.text = "2" }
          return header
        }
        #expect(refusal(sample.record.consumed(headers))?.code == code)
      }
    }
  }

  @Test(
    "JSON that is none, or says less or other than it should, is refused",
    arguments: [TopicDeclaration.submissions, .functions, .executors])
  func badJSON(topic: TopicDeclaration) throws {
    let sample = try #require(try SampleRecords.all().first { $0.topic == topic }).record
    for text in ["", "{", "[]", "null", "{}", "\u{0}", #"{"executor":1}"#] {
      var bad = sample
      bad.value = SampleRecord.Content(Array(text.utf8))
      #expect(refusal(bad.consumed)?.code == .badValue, "\(text)")
    }
    var notUTF8 = sample
    notUTF8.value = SampleRecord.Content([0x22, 0xff, 0x22])
    #expect(refusal(notUTF8.consumed)?.code == .badValue)
  }

  @Test("a value of the catalogue that is not what its key says is refused, and so is a key that is none")
  func catalogueKeys() throws {
    var sample = try #require(try SampleRecords.all().first { $0.topic == .functions && $0.name == "function" }).record
    sample.key = SampleRecord.Content(Array("function/default/other".utf8))
    #expect(
      refusal(sample.consumed)
        == ContractError(.badKey, "the key says 'function/default/other', the value is 'function/default/hello'"))
    for key in [nil, SampleRecord.Content([]), SampleRecord.Content([0xff]), SampleRecord.Content(Array("x/y".utf8))] {
      sample.key = key
      #expect(refusal(sample.consumed)?.code == .badKey)
    }
  }

  @Test(
    "numbers that contradict each other are refused",
    arguments: [
      (TopicDeclaration.functions, "ce_changeposition", "6"), (.functions, "ce_changecount", "0"),
      (.functions, "ce_catalogueindex", "0"), (.functions, "ce_changeposition", "-1"), (.code, "ce_chunk", "1"),
      (.code, "ce_chunk", "-1"), (.code, "ce_chunkcount", "0"), (.code, "ce_chunkcount", "9999999999"),
      (.logs, "ce_sequence", "-1"), (.logs, "ce_phase", "before"), (.results, "ce_status", "running"),
      (.results, "ce_status", "great"), (.results, "ce_taskoffset", "-1"), (.deadLetters, "ce_originpartition", "-1"),
      (.deadLetters, "ce_originpartition", "2147483648"), (.deadLetters, "ce_originoffset", "-1"),
    ])
  func contradictions(topic: TopicDeclaration, name: String, text: String) throws {
    let sample = try #require(try SampleRecords.all().first { $0.topic == topic }).record
    let headers = sample.headers.map { header in
      var header = header
      if header.name == name { header.text = text }
      return header
    }
    #expect(refusal(sample.consumed(headers))?.code == .badHeader)
  }

  @Test("property: whatever is changed in a record, it decodes or is refused, and what decodes leads back to itself")
  func mutations() throws {
    let samples = try SampleRecords.all().map(\.record)
    try SeededProperty.holds(forSeeds: 3_000) { generator in
      guard var sample = samples.randomElement(using: &generator) else { return }
      let position = Int.random(in: 0..<sample.headers.count, using: &generator)
      let texts = ["", "0", "-1", "1", "2147483648", "9223372036854775807", "a", "ü", "\u{0}", "millrace.task"]
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: sample.headers.remove(at: position)
      case 1: sample.headers[position].text = texts.randomElement(using: &generator)
      case 2: (sample.headers[position].text, sample.headers[position].base64) = (nil, "/w==")
      case 3: sample.value = SampleRecord.Content(generator.bytes(count: 0...30))
      case 4: sample.key = generator.isOne(in: 2) ? nil : SampleRecord.Content(generator.bytes(count: 0...30))
      default: sample.headers.append(sample.headers[position])
      }
      let encoded: OutgoingRecord
      do { encoded = try TopicCodec.reencoded(sample.consumed) } catch is ContractError { return } catch is DomainError
      {
        // The key of a reply, which the codec of the tests reads.
        return
      }
      let again = try TopicCodec.reencoded(SampleRecord(encoded, partition: sample.partition).consumed)
      try SeededProperty.claim(again == encoded, "\(sample)")
    }
  }
}
