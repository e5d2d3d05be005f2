/// A value with a place on the wire: a number, a string, an array, a structure.
package protocol WireValue: Equatable, Sendable {
  /// The default, which a field keeps where a version does not carry it.
  init()

  /// Hands its parts to the coder in the order of the wire. One description serves reading and writing: a decoder
  /// fills the parts in, an encoder only looks at them.
  mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError)
}

/// A value that has a null of its own on the wire.
package protocol WireNullable: WireValue {
  /// As `describe`, with nil for null.
  static func describeNullable<Coder: WireCoder>(_ value: inout Self?, _ coder: inout Coder) throws(WireError)
}

/// A value with named fields.
package protocol WireStructure: WireValue {}

extension WireStructure {
  /// A structure that the closure fills in, beginning from the defaults.
  package init(_ fill: (inout Self) -> Void) {
    self.init()
    fill(&self)
  }
}

extension Bool: WireValue {
  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) { try coder.boolean(&self) }
}

extension Int8: WireValue {
  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) { try coder.integer(&self) }
}

extension Int16: WireValue {
  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) { try coder.integer(&self) }
}

extension Int32: WireValue {
  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) { try coder.integer(&self) }
}

extension Int64: WireValue {
  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) { try coder.integer(&self) }
}

extension String: WireNullable {
  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) { try coder.string(&self) }

  package static func describeNullable<Coder: WireCoder>(
    _ value: inout String?, _ coder: inout Coder
  ) throws(WireError) {
    try coder.nullableString(&value)
  }
}

/// Bytes that the protocol only carries: record batches, a member's metadata. Decoded, they share the frame's storage.
extension ArraySlice: WireValue, WireNullable where Element == UInt8 {
  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) { try coder.bytes(&self) }

  package static func describeNullable<Coder: WireCoder>(
    _ value: inout ArraySlice<UInt8>?, _ coder: inout Coder
  ) throws(WireError) {
    try coder.nullableBytes(&value)
  }
}

extension Array: WireValue, WireNullable where Element: WireValue {
  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) { try coder.array(&self) }

  package static func describeNullable<Coder: WireCoder>(
    _ value: inout [Element]?, _ coder: inout Coder
  ) throws(WireError) {
    try coder.nullableArray(&value)
  }
}
