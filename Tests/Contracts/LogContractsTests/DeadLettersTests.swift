import LogContracts
import LogRecords
import MillraceDomain
import SimulationKit
import Testing

/// A dead letter carries its whole original, whatever that is.
@Suite struct DeadLettersTests {
  private static let reason = ContractError(.badHeader, "ce_id is no UUID")

  private func read(_ record: OutgoingRecord) -> ConsumedRecord {
    ConsumedRecord(
      position: RecordPosition(TopicPartition(record.topic, 0), offset: 0), timestampMilliseconds: 0, key: record.key,
      value: record.value, headers: record.headers)
  }

  private func original(
    key: [UInt8]? = nil, value: [UInt8]? = nil, _ headers: RecordHeaders = RecordHeaders()
  ) -> ConsumedRecord {
    ConsumedRecord(
      position: RecordPosition(TopicPartition("millrace.tasks", 5), offset: 42), timestampMilliseconds: 1, key: key,
      value: value, headers: headers)
  }

  @Test("property: key, value and every header, repeated and not UTF-8 too, come back as they were")
  func wholeOriginal() throws {
    try SeededProperty.holds(forSeeds: 500) { generator in
      var headers = RecordHeaders()
      for _ in 0..<Int.random(in: 0...6, using: &generator) {
        let name = ["ce_id", "ce_function", "original-x", "ü", "", "ce_reason"].randomElement(using: &generator) ?? ""
        headers.append(name, bytes: generator.bytes(count: 0...12))
      }
      let key = generator.isOne(in: 3) ? nil : generator.bytes(count: 0...12)
      let value = generator.isOne(in: 3) ? nil : generator.bytes(count: 0...12)
      let letter = DeadLetterRecord(of: original(key: key, value: value, headers), because: DeadLettersTests.reason)
      let decoded = try DeadLetterRecord(decoding: read(letter.encoded(context: SampleRecords.context)))
      try SeededProperty.claim(decoded == letter, "\(letter)")
      try SeededProperty.claim(
        decoded.originalKey == key && decoded.originalValue == value && decoded.originalHeaders == headers
          && decoded.omitted.isEmpty, "not whole: \(decoded)")
    }
  }

  @Test("the original cannot speak for us: its headers are told apart by their names")
  func forgedHeaders() throws {
    var headers = RecordHeaders()
    headers.append("ce_reason", "all is well")
    headers.append("original-ce_reason", "really")
    let letter = DeadLetterRecord(of: original(headers), because: DeadLettersTests.reason)
    let decoded = try DeadLetterRecord(decoding: read(letter.encoded(context: SampleRecords.context)))
    #expect(decoded.reason == "ce_id is no UUID")
    #expect(decoded.reasonCode == "bad_header")
    #expect(decoded.originalHeaders == headers)
  }

  @Test("a repeat is seen as one: the id is where the original stands")
  func stableID() {
    let letter = DeadLetterRecord(of: original(), because: DeadLettersTests.reason)
    #expect(letter.encoded(context: SampleRecords.context).headers.text(of: "ce_id") == "millrace.tasks[5]@42")
  }

  @Test("invocation and function are named where the original names them, and left out where it does not")
  func names() {
    var headers = RecordHeaders()
    headers.append("ce_id", SampleRecords.invocation.description)
    headers.append("ce_function", "hello")
    let named = DeadLetterRecord(of: original(headers), because: DeadLettersTests.reason)
    #expect(named.invocation == SampleRecords.invocation)
    #expect(named.function?.text == "hello")
    headers.append("ce_invocationid", "no id")
    headers.append("ce_function", "no name")
    let unnamed = DeadLetterRecord(of: original(headers), because: DeadLettersTests.reason)
    #expect(unnamed.invocation == nil)
    #expect(unnamed.function == nil)
  }

  @Test("a part beyond its limit is left out and named; at the limit it is carried", arguments: [0, 1])
  func limits(excess: Int) throws {
    let key = [UInt8](repeating: 1, count: DeadLetterRecord.Part.key.maximumBytes + excess)
    let value = [UInt8](repeating: 2, count: DeadLetterRecord.Part.value.maximumBytes + excess)
    var headers = RecordHeaders()
    headers.append("x", String(repeating: "y", count: DeadLetterRecord.Part.headers.maximumBytes - 10 + excess))
    let letter = DeadLetterRecord(of: original(key: key, value: value, headers), because: DeadLettersTests.reason)
    #expect(letter.omitted == (excess == 0 ? [] : Set(DeadLetterRecord.Part.allCases)))
    let encoded = letter.encoded(context: SampleRecords.context)
    let size = (encoded.key?.count ?? 0) + (encoded.value?.count ?? 0) + encoded.headers.byteCount
    #expect(size + 64 * 1024 < Int(TopicDeclaration.deadLetters.maximumMessageBytes))
    #expect(encoded.headers.text(of: "ce_originalomitted") == (excess == 0 ? nil : "headers,key,value"))
    #expect(try DeadLetterRecord(decoding: read(encoded)) == letter)
  }

  @Test("a million tiny headers cannot make a dead letter too large to be written")
  func tinyHeaders() {
    var headers = RecordHeaders()
    for _ in 0..<100_000 { headers.append("", "") }
    let letter = DeadLetterRecord(of: original(headers), because: DeadLettersTests.reason)
    #expect(letter.omitted == [.headers])
  }
}
