/// One direction between values and bytes: a message describes itself to it.
package protocol WireCoder {
  /// The version of the API that the message is of.
  var version: Int16 { get }
  /// Whether the version is one of those with lengths of variable size and tagged fields.
  var isFlexible: Bool { get }

  mutating func boolean(_ value: inout Bool) throws(WireError)
  /// A number in network byte order.
  mutating func integer<Number: FixedWidthInteger & BitwiseCopyable & Sendable>(_ value: inout Number) throws(WireError)
  /// A verdict: a number as any other, which one may want to know of.
  mutating func errorCode(_ value: inout ErrorCode) throws(WireError)
  mutating func string(_ value: inout String) throws(WireError)
  mutating func nullableString(_ value: inout String?) throws(WireError)
  mutating func bytes(_ value: inout ArraySlice<UInt8>) throws(WireError)
  mutating func nullableBytes(_ value: inout ArraySlice<UInt8>?) throws(WireError)
  mutating func array<Element: WireValue>(_ value: inout [Element]) throws(WireError)
  mutating func nullableArray<Element: WireValue>(_ value: inout [Element]?) throws(WireError)
  /// A field that other versions know as null, and this one does not.
  mutating func required<Value: WireValue>(_ value: inout Value?) throws(WireError)
  /// The tagged fields of a flexible version; in others there is no place for them.
  mutating func tags(_ value: inout [TaggedField]) throws(WireError)
}

extension WireCoder {
  package mutating func errorCode(_ value: inout ErrorCode) throws(WireError) { try integer(&value.rawValue) }

  /// A field that the versions from `since` to `until` carry; in others the value stays as it is.
  package mutating func field<Value: WireValue>(
    _ value: inout Value, since first: Int16 = 0, until last: Int16 = .max
  ) throws(WireError) {
    if version >= first, version <= last { try value.describe(&self) }
  }

  /// A field that the versions from `since` to `until` carry, and that may be null in those from `nullableSince`.
  package mutating func field<Value: WireNullable>(
    _ value: inout Value?, since first: Int16 = 0, until last: Int16 = .max, nullableSince firstNullable: Int16 = 0
  ) throws(WireError) {
    guard version >= first, version <= last else { return }
    if version >= firstNullable {
      try Value.describeNullable(&value, &self)
    } else {
      try required(&value)
    }
  }

  /// The end of a structure none of whose tagged fields is known: they are skipped, and none is written.
  package mutating func tags() throws(WireError) {
    guard isFlexible else { return }
    var none: [TaggedField] = []
    try tags(&none)
  }
}
