/// Reads a message from a frame. Strings and arrays are copied out, bytes share the frame's storage; every length is
/// held to what remains of the frame before anything is allocated by it.
package struct WireDecoder: WireCoder {
  package let version: Int16
  package let isFlexible: Bool
  private let frame: ArraySlice<UInt8>
  private var position: Int
  private var elementsLeft = WireLimits.maximumElementCount

  package init(_ bytes: ArraySlice<UInt8>, version: Int16, flexible: Bool) {
    frame = bytes
    position = bytes.startIndex
    self.version = version
    isFlexible = flexible
  }

  /// Bytes that are not read yet.
  package var remainingByteCount: Int { frame.endIndex - position }
  /// The bytes that are not read yet.
  package var remaining: ArraySlice<UInt8> { frame[position...] }

  package mutating func boolean(_ value: inout Bool) throws(WireError) {
    var byte: UInt8 = 0
    try integer(&byte)
    value = byte != 0
  }

  package mutating func integer<Number: FixedWidthInteger & BitwiseCopyable & Sendable>(_ value: inout Number)
    throws(WireError)
  {
    let width = MemoryLayout<Number>.size
    guard remainingByteCount >= width else { throw Self.truncated(width, remainingByteCount) }
    let offset = position - frame.startIndex
    value = unsafe Number(bigEndian: frame.span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Number.self))
    position += width
  }

  package mutating func string(_ value: inout String) throws(WireError) {
    guard let read = try readString() else { throw Self.null("string") }
    value = read
  }

  package mutating func nullableString(_ value: inout String?) throws(WireError) { value = try readString() }

  package mutating func bytes(_ value: inout ArraySlice<UInt8>) throws(WireError) {
    guard let read = try readBytes() else { throw Self.null("bytes") }
    value = read
  }

  package mutating func nullableBytes(_ value: inout ArraySlice<UInt8>?) throws(WireError) { value = try readBytes() }

  package mutating func array<Element: WireValue>(_ value: inout [Element]) throws(WireError) {
    let count = try length(of: Int32.self)
    guard count >= 0 else { throw Self.null("array") }
    try elements(count, into: &value)
  }

  package mutating func nullableArray<Element: WireValue>(_ value: inout [Element]?) throws(WireError) {
    let count = try length(of: Int32.self)
    guard count >= 0 else {
      value = nil
      return
    }
    var read: [Element] = []
    try elements(count, into: &read)
    value = read
  }

  package mutating func required<Value: WireValue>(_ value: inout Value?) throws(WireError) {
    var read = Value()
    try read.describe(&self)
    value = read
  }

  package mutating func tags(_ value: inout [TaggedField]) throws(WireError) {
    guard isFlexible else { return }
    let count = Int(try unsignedVarint())
    // A tagged field takes two bytes at least.
    guard count <= remainingByteCount / 2 else { throw Self.truncated(count * 2, remainingByteCount) }
    guard count > 0 else { return }
    try spend(count)
    for _ in 0..<count {
      let tag = try unsignedVarint()
      let size = Int(try unsignedVarint())
      value.append(TaggedField(tag: tag, content: try take(size)))
    }
  }

  private mutating func elements<Element: WireValue>(_ count: Int, into value: inout [Element]) throws(WireError) {
    // Every element takes a byte at least.
    guard count <= remainingByteCount else { throw Self.truncated(count, remainingByteCount) }
    try spend(count)
    value.removeAll()
    value.reserveCapacity(min(count, WireLimits.reservedElementCount))
    for _ in 0..<count {
      var element = Element()
      try element.describe(&self)
      value.append(element)
    }
  }

  private mutating func spend(_ count: Int) throws(WireError) {
    elementsLeft -= count
    guard elementsLeft >= 0 else {
      throw WireError(.tooManyElements, "a message has more than \(WireLimits.maximumElementCount) elements")
    }
  }

  private mutating func readString() throws(WireError) -> String? {
    let count = try length(of: Int16.self)
    guard count >= 0 else { return nil }
    guard count <= WireLimits.maximumStringByteCount else {
      throw WireError(.stringTooLong, "a string claims \(count) bytes")
    }
    // Bytes that are not UTF-8 become replacement characters, as in Kafka.
    return String(decoding: try take(count), as: UTF8.self)
  }

  private mutating func readBytes() throws(WireError) -> ArraySlice<UInt8>? {
    let count = try length(of: Int32.self)
    return count >= 0 ? try take(count) : nil
  }

  /// A length: negative is null.
  private mutating func length<Number: FixedWidthInteger & SignedInteger & BitwiseCopyable & Sendable>(
    of type: Number.Type
  ) throws(WireError) -> Int {
    if isFlexible { return Int(try unsignedVarint()) - 1 }
    var number: Number = 0
    try integer(&number)
    return Int(number)
  }

  private mutating func take(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
    guard count <= remainingByteCount else { throw Self.truncated(count, remainingByteCount) }
    defer { position += count }
    return frame[position..<position + count]
  }

  private mutating func unsignedVarint() throws(WireError) -> UInt32 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 28, by: 7) {
      guard position < frame.endIndex else { throw Self.truncated(1, 0) }
      let byte = frame[position]
      position += 1
      value |= UInt64(byte & 0x7f) << shift
      guard byte & 0x80 == 0 else { continue }
      guard let number = UInt32(exactly: value) else { break }
      return number
    }
    throw WireError(.malformedNumber, "a length does not end within 32 bits")
  }

  private static func truncated(_ wanted: Int, _ remaining: Int) -> WireError {
    WireError(.truncated, "\(wanted) bytes are claimed where \(remaining) remain")
  }

  private static func null(_ kind: String) -> WireError { WireError(.unexpectedNull, "a \(kind) may not be null") }
}
