import LogRecords
import SimulationKit
import Testing

/// Headers keep names, bytes and order, whatever a producer puts there.
@Suite struct RecordHeadersTests {
  @Test("no headers have nothing")
  func empty() {
    let headers = RecordHeaders()
    #expect(headers.count == 0)
    #expect(headers.byteCount == 0)
    #expect(headers.bytes(of: "") == nil)
    #expect(headers.text(of: "a") == nil)
    #expect(headers.number(of: "a") == nil)
  }

  @Test("of headers with the same name the last one counts, as in Kafka's clients, and none is lost")
  func repeatedNames() {
    var headers = RecordHeaders()
    headers.append("a", "1")
    headers.append("b", "2")
    headers.append("a", "3")
    #expect(headers.text(of: "a") == "3")
    #expect((0..<headers.count).map { headers[$0].name } == ["a", "b", "a"])
    #expect((0..<headers.count).map { Array(headers[$0].value) } == [[0x31], [0x32], [0x33]])
    #expect(headers.byteCount == 6)
  }

  @Test("a name is found whole: not by its beginning, nor in another's value")
  func wholeNames() {
    var headers = RecordHeaders()
    headers.append("ce_id", "ce_type")
    headers.append("ce_idx", "x")
    #expect(headers.text(of: "ce_i") == nil)
    #expect(headers.text(of: "ce_type") == nil)
    #expect(headers.text(of: "ce_id") == "ce_type")
    #expect(headers.text(of: "CE_ID") == nil)
  }

  @Test("an empty value is a value, and an empty name a name")
  func emptyParts() {
    var headers = RecordHeaders()
    headers.append("empty", "")
    headers.append("", "nameless")
    #expect(headers.text(of: "empty") == "")
    #expect(headers.bytes(of: "empty")?.count == 0)
    #expect(headers.number(of: "empty") == nil)
    #expect(headers.text(of: "") == "nameless")
  }

  @Test("bytes that are not UTF-8 are kept as bytes and are no text")
  func notUTF8() {
    var headers = RecordHeaders()
    for bytes: [UInt8] in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]] {
      headers.append("x", bytes: bytes)
      #expect(headers.text(of: "x") == nil)
      #expect(headers.number(of: "x") == nil)
      #expect(headers.bytes(of: "x").map { Array($0) } == bytes)
    }
  }

  @Test(
    "a number is decimal and fits in 64 bits",
    arguments: [
      ("0", 0), ("-1", -1), ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min), ("", nil),
      ("9223372036854775808", nil), ("00000000000000000000000001", nil), ("1e3", nil), (" 1", nil), ("1 ", nil),
      ("0x10", nil), ("１", nil), ("1.0", nil), ("-", nil),
    ] as [(String, Int64?)])
  func numbers(text: String, number: Int64?) {
    var headers = RecordHeaders()
    headers.append("n", text)
    #expect(headers.number(of: "n") == number)
  }

  @Test("property: headers are an ordered list of names and bytes, and equal when that is")
  func behaveAsList() throws {
    try SeededProperty.holds(forSeeds: 300) { generator in
      var headers = RecordHeaders()
      var same = RecordHeaders()
      same.reserve(fields: 8, bytes: 64)
      var list: [(name: String, value: [UInt8])] = []
      for _ in 0..<Int.random(in: 0...8, using: &generator) {
        let name = ["a", "ab", "abc", "", "ü"].randomElement(using: &generator) ?? ""
        let value = generator.bytes(count: 0...20)
        headers.append(name, bytes: value)
        same.append(name, bytes: value)
        list.append((name, value))
      }
      try SeededProperty.claim(headers == same && headers.hashValue == same.hashValue, "equal lists, unequal headers")
      try SeededProperty.claim(headers.count == list.count, "count \(headers.count)")
      for (position, item) in list.enumerated() {
        try SeededProperty.claim(
          headers[position].name == item.name && headers[position].value.elementsEqual(item.value), "at \(position)")
        let last = list.last { $0.name == item.name }?.value
        try SeededProperty.claim(headers.bytes(of: item.name).map { Array($0) } == last, "the last '\(item.name)'")
      }
      headers.append("more", "")
      try SeededProperty.claim(headers != same, "one more is a difference")
    }
  }

  @Test("the same bytes, split elsewhere, are other headers")
  func splitMatters() {
    var first = RecordHeaders()
    first.append("ab", "c")
    var second = RecordHeaders()
    second.append("a", "bc")
    #expect(first != second)
  }
}
