internal import KafkaWire

/// Writes the parts of a metadata record: numbers in network byte order, texts behind their length.
struct MetadataWriter {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ number: some FixedWidthInteger) {
    for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  mutating func append(_ id: WireUUID) {
    append(id.high)
    append(id.low)
  }

  mutating func append(_ text: String) {
    append(UInt16(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func append(_ configs: [String: String]) {
    append(UInt16(configs.count))
    for (name, value) in configs.sorted(by: { $0.key < $1.key }) {
      append(name)
      append(value)
    }
  }
}

/// Reads the parts of a metadata record. Nil where the bytes are not of that form.
struct MetadataReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func integer<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
    let width = Number.bitWidth / 8
    guard rest.count >= width else { return nil }
    var number: Number = 0
    for byte in rest.prefix(width) { number = (width == 1 ? 0 : number << 8) | Number(truncatingIfNeeded: byte) }
    rest = rest.dropFirst(width)
    return number
  }

  mutating func uuid() -> WireUUID? {
    guard let high = integer(UInt64.self), let low = integer(UInt64.self) else { return nil }
    return WireUUID(high: high, low: low)
  }

  mutating func string() -> String? {
    guard let count = integer(UInt16.self), rest.count >= Int(count) else { return nil }
    let text = String(validating: rest.prefix(Int(count)), as: UTF8.self)
    rest = rest.dropFirst(Int(count))
    return text
  }

  mutating func configs() -> [String: String]? {
    guard let count = integer(UInt16.self) else { return nil }
    var configs: [String: String] = [:]
    for _ in 0..<count {
      guard let name = string(), let value = string() else { return nil }
      configs[name] = value
    }
    return configs.count == Int(count) ? configs : nil
  }
}
