internal import MillraceDomain

/// Writes the fields of a snapshot: numbers little-endian, texts as length and UTF-8.
struct SnapshotWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ number: some FixedWidthInteger) {
    for shift in stride(from: 0, to: number.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  mutating func write(_ text: String) {
    write(UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func write<Kind>(_ id: Identifier<Kind>) {
    write(id.uuid.high)
    write(id.uuid.low)
  }

  mutating func write<Rule>(_ name: Name<Rule>) { write(name.text) }
  mutating func write(_ time: Timestamp) { write(time.milliseconds) }
  mutating func write(_ version: VersionNumber) { write(version.number) }

  mutating func write<Element>(_ list: [Element], _ one: (inout SnapshotWriter, Element) -> Void) {
    write(UInt32(list.count))
    for element in list { one(&self, element) }
  }
}

/// Reads what ``SnapshotWriter`` wrote.
struct SnapshotReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws(SnapshotError) -> Number {
    let byteCount = Number.bitWidth / 8
    guard bytes.count - position >= byteCount else { throw SnapshotError("it ends early") }
    var number: Number = 0
    for index in stride(from: byteCount - 1, through: 0, by: -1) {
      number = number << 8 | Number(truncatingIfNeeded: bytes[position + index])
    }
    position += byteCount
    return number
  }

  mutating func text() throws(SnapshotError) -> String {
    let count = Int(try number(UInt32.self))
    guard bytes.count - position >= count,
      let text = String(validating: bytes[position..<position + count], as: UTF8.self)
    else { throw SnapshotError("a text is cut or not UTF-8") }
    position += count
    return text
  }

  mutating func id<Kind>() throws(SnapshotError) -> Identifier<Kind> {
    guard let uuid = UUIDv7(high: try number(), low: try number()) else { throw SnapshotError("an id is none") }
    return Identifier(uuid)
  }

  mutating func name<Rule>() throws(SnapshotError) -> Name<Rule> {
    let text = try text()
    return try domain { () throws(DomainError) in try Name(text) }
  }

  mutating func time() throws(SnapshotError) -> Timestamp { Timestamp(milliseconds: try number()) }

  mutating func version() throws(SnapshotError) -> VersionNumber {
    let number = try number(Int32.self)
    return try domain { () throws(DomainError) in try VersionNumber(number) }
  }

  mutating func list<Element>(
    _ one: (inout SnapshotReader) throws(SnapshotError) -> Element
  ) throws(SnapshotError) -> [Element] {
    var list: [Element] = []
    for _ in 0..<Int(try number(UInt32.self)) { list.append(try one(&self)) }
    return list
  }

  func domain<Value>(_ make: () throws(DomainError) -> Value) throws(SnapshotError) -> Value {
    do throws(DomainError) { return try make() } catch { throw SnapshotError(error.message) }
  }
}

/// Why bytes are not a snapshot of the catalogue.
package struct SnapshotError: Error, Hashable, CustomStringConvertible {
  /// What is wrong with them.
  package let message: String
  init(_ message: String) { self.message = message }
  package var description: String { "not a snapshot of the catalogue: \(message)" }
}
