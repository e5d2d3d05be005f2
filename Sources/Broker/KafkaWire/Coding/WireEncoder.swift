/// Writes messages at the end of bytes. It changes nothing of what it writes.
package struct WireEncoder: WireCoder {
  package let version: Int16
  package let isFlexible: Bool
  /// What is written so far.
  package private(set) var output: [UInt8]
  /// Sizes of the nullable bytes that the output leaves out, in their order: of them only the length is written.
  private var leftOut: ArraySlice<Int>
  /// Where in the output what is left out belongs.
  package private(set) var gaps: [Int] = []
  /// The errors that were written, each as often as it was.
  package private(set) var errors: [ErrorCode] = []

  /// Goes on from `bytes`, which are taken and not copied when nobody else holds them.
  package init(
    appendingTo bytes: consuming [UInt8], version: Int16, flexible: Bool, leavingOut byteCounts: [Int] = []
  ) {
    output = bytes
    leftOut = byteCounts[...]
    self.version = version
    isFlexible = flexible
  }

  /// The bytes, given away so that they have one owner.
  package consuming func finish() -> [UInt8] { output }

  package mutating func boolean(_ value: inout Bool) throws(WireError) { output.append(value ? 1 : 0) }

  package mutating func integer<Number: FixedWidthInteger & BitwiseCopyable & Sendable>(_ value: inout Number)
    throws(WireError)
  {
    append(value)
  }

  package mutating func errorCode(_ value: inout ErrorCode) throws(WireError) {
    if value != .none { errors.append(value) }
    append(value.rawValue)
  }

  package mutating func string(_ value: inout String) throws(WireError) { try write(value) }

  package mutating func nullableString(_ value: inout String?) throws(WireError) {
    if let value { try write(value) } else { writeLength(nil, of: Int16.self) }
  }

  package mutating func bytes(_ value: inout ArraySlice<UInt8>) throws(WireError) { try write(value) }

  package mutating func nullableBytes(_ value: inout ArraySlice<UInt8>?) throws(WireError) {
    if let count = leftOut.popFirst() {
      writeLength(count, of: Int32.self)
      gaps.append(output.count)
    } else if let value {
      try write(value)
    } else {
      writeLength(nil, of: Int32.self)
    }
  }

  package mutating func array<Element: WireValue>(_ value: inout [Element]) throws(WireError) {
    try write(value)
  }

  package mutating func nullableArray<Element: WireValue>(_ value: inout [Element]?) throws(WireError) {
    if let value { try write(value) } else { writeLength(nil, of: Int32.self) }
  }

  package mutating func required<Value: WireValue>(_ value: inout Value?) throws(WireError) {
    guard var present = value else {
      throw WireError(.unexpectedNull, "a \(Value.self) has no null in version \(version)")
    }
    try present.describe(&self)
  }

  package mutating func tags(_ value: inout [TaggedField]) throws(WireError) {
    guard isFlexible else { return }
    appendVarint(UInt32(value.count))
    for field in value {
      appendVarint(field.tag)
      appendVarint(UInt32(field.content.count))
      output.append(contentsOf: field.content)
    }
  }

  private mutating func write<Element: WireValue>(_ elements: [Element]) throws(WireError) {
    writeLength(elements.count, of: Int32.self)
    // The copy of an element shares its arrays, which nothing here changes.
    for var element in elements { try element.describe(&self) }
  }

  private mutating func write(_ string: String) throws(WireError) {
    let count = string.utf8.count
    guard count <= WireLimits.maximumStringByteCount else {
      throw WireError(.stringTooLong, "a string of \(count) bytes does not fit its length")
    }
    writeLength(count, of: Int16.self)
    output.append(contentsOf: string.utf8)
  }

  private mutating func write(_ bytes: ArraySlice<UInt8>) throws(WireError) {
    writeLength(bytes.count, of: Int32.self)
    output.append(contentsOf: bytes)
  }

  private mutating func writeLength<Number: FixedWidthInteger & SignedInteger>(_ count: Int?, of type: Number.Type) {
    if isFlexible {
      appendVarint(count.map { UInt32($0 + 1) } ?? 0)
    } else {
      append(Number(count ?? -1))
    }
  }

  private mutating func append<Number: FixedWidthInteger>(_ value: Number) {
    unsafe withUnsafeBytes(of: value.bigEndian) { unsafe output.append(contentsOf: $0) }
  }

  private mutating func appendVarint(_ value: UInt32) {
    var rest = value
    while rest >= 0x80 {
      output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    output.append(UInt8(rest))
  }
}
