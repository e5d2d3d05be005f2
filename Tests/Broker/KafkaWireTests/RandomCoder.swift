import KafkaWire
import SimulationKit

/// Fills a message with random values that its version can carry: nulls only where the version knows them.
struct RandomCoder: WireCoder {
  let version: Int16
  let isFlexible: Bool
  var generator: SeededGenerator

  /// A random message of the type.
  static func message<Message: WireMessage>(
    _ type: Message.Type, version: Int16, using generator: inout SeededGenerator
  ) throws -> Message {
    var coder = RandomCoder(
      version: version, isFlexible: APITable.isFlexible(Message.key, version), generator: generator.split())
    var message = Message()
    try message.describe(&coder)
    return message
  }

  mutating func boolean(_ value: inout Bool) throws(WireError) { value = generator.isOne(in: 2) }

  mutating func integer<Number: FixedWidthInteger & BitwiseCopyable & Sendable>(
    _ value: inout Number
  ) throws(WireError) {
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: value = [0, 1, .max, .min, ~0][Int.random(in: 0..<5, using: &generator)]
    case 1: value = Number(truncatingIfNeeded: generator.next() & 0x7f)
    default: value = Number(truncatingIfNeeded: generator.next())
    }
  }

  mutating func string(_ value: inout String) throws(WireError) { value = text() }

  mutating func nullableString(_ value: inout String?) throws(WireError) {
    value = generator.isOne(in: 4) ? nil : text()
  }

  mutating func bytes(_ value: inout ArraySlice<UInt8>) throws(WireError) {
    // Now and then long enough for a length of two bytes.
    value = generator.bytes(count: generator.isOne(in: 8) ? 120...300 : 0...8)[...]
  }

  mutating func nullableBytes(_ value: inout ArraySlice<UInt8>?) throws(WireError) {
    var present: ArraySlice<UInt8> = []
    try bytes(&present)
    value = generator.isOne(in: 4) ? nil : present
  }

  mutating func array<Element: WireValue>(_ value: inout [Element]) throws(WireError) {
    value = []
    for _ in 0..<Int.random(in: 0...3, using: &generator) {
      var element = Element()
      try element.describe(&self)
      value.append(element)
    }
  }

  mutating func nullableArray<Element: WireValue>(_ value: inout [Element]?) throws(WireError) {
    if generator.isOne(in: 4) {
      value = nil
    } else {
      try required(&value)
    }
  }

  mutating func required<Value: WireValue>(_ value: inout Value?) throws(WireError) {
    var present = Value()
    try present.describe(&self)
    value = present
  }

  mutating func tags(_ value: inout [TaggedField]) throws(WireError) {}

  private mutating func text() -> String {
    let letters: [Character] = ["a", "Z", "0", ".", "_", "-", " ", "é", "水", "🌊", "\"", "\\", "\u{0}"]
    let count =
      generator.isOne(in: 8) ? Int.random(in: 100...200, using: &generator) : Int.random(in: 0...9, using: &generator)
    return String((0..<count).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] })
  }
}
