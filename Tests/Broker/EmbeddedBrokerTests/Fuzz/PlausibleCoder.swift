import KafkaWire
import SimulationKit

/// Fills a message with values that a broker may know: names of topics and groups that there are, small numbers, and now and then
/// the ends of what a number holds. Most messages get past the first look.
struct PlausibleCoder: WireCoder {
  let version: Int16
  let isFlexible: Bool
  var generator: SeededGenerator
  /// What messages name.
  let names: [String]

  static let topics = ["t", "compact", "small", "many"]
  private static let others = [
    "__consumer_offsets", "made", "", "..", "group", "other", "consumer", "range", "sticky", "1", "cleanup.policy",
    "compact",
    "segment.bytes", "1048576", "retention.ms", "flush.messages", "max.message.bytes", "instance", "*",
  ]

  /// A message of the type. `known` are further names, of members say.
  static func message<Message: WireMessage>(
    _ type: Message.Type, version: Int16, known: [String], using generator: inout SeededGenerator
  ) throws -> Message {
    var coder = PlausibleCoder(
      version: version, isFlexible: APITable.isFlexible(Message.key, version), generator: generator.split(),
      names: topics + topics + topics + others + known)
    var message = Message()
    try message.describe(&coder)
    return message
  }

  mutating func boolean(_ value: inout Bool) throws(WireError) { value = generator.isOne(in: 2) }

  mutating func integer<Number: FixedWidthInteger & BitwiseCopyable & Sendable>(
    _ value: inout Number
  ) throws(WireError) {
    switch Int.random(in: 0..<32, using: &generator) {
    case 0: value = [.max, .min, .max - 1, .min + 1][Int.random(in: 0..<4, using: &generator)]
    case 1: value = Number(truncatingIfNeeded: generator.next())
    case 2..<8: value = Number(truncatingIfNeeded: -1 - Int.random(in: 0..<3, using: &generator))
    case 8..<16: value = Number(truncatingIfNeeded: Int.random(in: 0..<100, using: &generator))
    case _: value = Number(truncatingIfNeeded: Int.random(in: 0..<4, using: &generator))
    }
  }

  mutating func string(_ value: inout String) throws(WireError) {
    value = names[Int.random(in: names.indices, using: &generator)]
  }

  mutating func nullableString(_ value: inout String?) throws(WireError) {
    var present = ""
    try string(&present)
    value = generator.isOne(in: 3) ? nil : present
  }

  mutating func bytes(_ value: inout ArraySlice<UInt8>) throws(WireError) {
    value = generator.bytes(count: 0...20)[...]
  }

  mutating func nullableBytes(_ value: inout ArraySlice<UInt8>?) throws(WireError) {
    value = generator.isOne(in: 8) ? nil : FuzzBatch.bytes(using: &generator)[...]
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
    if generator.isOne(in: 8) {
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
}
