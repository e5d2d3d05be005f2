/// A PostgreSQL type by its object identifier, from `pg_type.dat`.
package struct PostgresType: Hashable, Sendable {
  let oid: UInt32
  let arrayOID: UInt32
  /// The type's SQL name, for messages.
  package let name: String

  package static let bool = PostgresType(oid: 16, arrayOID: 1000, name: "boolean")
  package static let bytes = PostgresType(oid: 17, arrayOID: 1001, name: "bytea")
  package static let int64 = PostgresType(oid: 20, arrayOID: 1016, name: "bigint")
  package static let int32 = PostgresType(oid: 23, arrayOID: 1007, name: "integer")
  package static let text = PostgresType(oid: 25, arrayOID: 1009, name: "text")
  package static let double = PostgresType(oid: 701, arrayOID: 1022, name: "double precision")
  package static let timestamp = PostgresType(oid: 1184, arrayOID: 1185, name: "timestamptz")
  package static let uuid = PostgresType(oid: 2950, arrayOID: 2951, name: "uuid")
}

/// A Swift value with one PostgreSQL type and that type's binary form.
package protocol PostgresValue: Sendable {
  /// The type it is sent as.
  static var postgresType: PostgresType { get }
  /// Appends the binary form.
  ///
  /// - Throws: ``PostgresError`` with `invalidParameter` where the type cannot hold the value.
  func encode(into bytes: inout [UInt8]) throws(PostgresError)
  /// Reads the binary form of a column of the given type; nil where it is not one.
  init?(postgres bytes: Span<UInt8>, oid: UInt32)
}

extension FixedWidthInteger {
  func appendBigEndian(to bytes: inout [UInt8]) {
    unsafe Swift.withUnsafeBytes(of: bigEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  /// Reads the number that fills the span; nil where the size differs.
  init?(bigEndian bytes: Span<UInt8>) {
    guard bytes.count == Self.bitWidth / 8 else { return nil }
    self = 0
    for index in bytes.indices { self = self << 8 | Self(truncatingIfNeeded: bytes[index]) }
  }
}

extension Span<UInt8> {
  /// A copy.
  func copied() -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in indices { unsafe buffer[index] = self[index] }
      initialized = count
    }
  }
}

extension Int32: PostgresValue {
  package static var postgresType: PostgresType { .int32 }
  package func encode(into bytes: inout [UInt8]) { appendBigEndian(to: &bytes) }
  package init?(postgres bytes: Span<UInt8>, oid: UInt32) {
    if oid == 21, let small = Int16(bigEndian: bytes) {
      self = Int32(small)
      return
    }
    guard oid == PostgresType.int32.oid else { return nil }
    self.init(bigEndian: bytes)
  }
}

/// Reads every integer column, so that `count(*)` and `smallint` need no second thought.
extension Int64: PostgresValue {
  package static var postgresType: PostgresType { .int64 }
  package func encode(into bytes: inout [UInt8]) { appendBigEndian(to: &bytes) }
  package init?(postgres bytes: Span<UInt8>, oid: UInt32) {
    if let narrow = Int32(postgres: bytes, oid: oid) {
      self = Int64(narrow)
      return
    }
    guard oid == PostgresType.int64.oid else { return nil }
    self.init(bigEndian: bytes)
  }
}

extension Double: PostgresValue {
  package static var postgresType: PostgresType { .double }
  package func encode(into bytes: inout [UInt8]) { bitPattern.appendBigEndian(to: &bytes) }
  package init?(postgres bytes: Span<UInt8>, oid: UInt32) {
    guard oid == PostgresType.double.oid, let pattern = UInt64(bigEndian: bytes) else { return nil }
    self.init(bitPattern: pattern)
  }
}

extension Bool: PostgresValue {
  package static var postgresType: PostgresType { .bool }
  package func encode(into bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }
  package init?(postgres bytes: Span<UInt8>, oid: UInt32) {
    guard oid == PostgresType.bool.oid, bytes.count == 1 else { return nil }
    self = bytes[0] != 0
  }
}

/// Sent as `text`; reads `text`, `varchar`, `name`, `char(n)`.
extension String: PostgresValue {
  package static var postgresType: PostgresType { .text }
  package func encode(into bytes: inout [UInt8]) throws(PostgresError) {
    let start = bytes.count
    bytes.append(contentsOf: utf8)
    guard !bytes[start...].contains(0) else {
      throw PostgresError(.invalidParameter, "text with a NUL character cannot be stored")
    }
  }
  package init?(postgres bytes: Span<UInt8>, oid: UInt32) {
    guard [25, 19, 1042, 1043, 18].contains(oid) else { return nil }
    self.init(validating: bytes.copied(), as: UTF8.self)
  }
}

extension [UInt8] {
  /// The bytes of a `bytea` column.
  init?(byteaColumn bytes: Span<UInt8>, oid: UInt32) {
    guard oid == PostgresType.bytes.oid else { return nil }
    self = bytes.copied()
  }
}

/// A UUID by its sixteen bytes.
package struct PostgresUUID: PostgresValue, Hashable {
  /// The first eight bytes, most significant first.
  package let high: UInt64
  /// The last eight bytes, most significant first.
  package let low: UInt64

  /// A UUID by its halves.
  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// A UUID by its bytes; nil unless there are sixteen.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 16 else { return nil }
    high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    low = bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  package static var postgresType: PostgresType { .uuid }
  package func encode(into bytes: inout [UInt8]) {
    high.appendBigEndian(to: &bytes)
    low.appendBigEndian(to: &bytes)
  }
  package init?(postgres bytes: Span<UInt8>, oid: UInt32) {
    guard oid == PostgresType.uuid.oid, bytes.count == 16 else { return nil }
    guard let high = UInt64(bigEndian: bytes.extracting(0..<8)), let low = UInt64(bigEndian: bytes.extracting(8..<16))
    else { return nil }
    self.init(high: high, low: low)
  }
}

/// An instant of `timestamptz`: whole microseconds since 1970 UTC.
package struct PostgresTimestamp: PostgresValue, Hashable, Comparable {
  /// Microseconds since 1970-01-01T00:00:00Z; negative before.
  package let microseconds: Int64

  /// The instant at so many microseconds since 1970 UTC.
  package init(microseconds: Int64) { self.microseconds = microseconds }
  /// The instant at so many milliseconds since 1970 UTC, cut to what PostgreSQL holds.
  package init(milliseconds: Int64) {
    microseconds = max(
      PostgresTimestamp.earliest, min(PostgresTimestamp.latest, milliseconds.multipliedClamped(by: 1000)))
  }

  /// Milliseconds since 1970 UTC, rounded down.
  package var milliseconds: Int64 { microseconds >= 0 ? microseconds / 1000 : (microseconds - 999) / 1000 }

  /// From 1970 to 2000, where PostgreSQL starts to count (datetime.h, `POSTGRES_EPOCH_JDATE`).
  static let epochMicroseconds: Int64 = 946_684_800_000_000
  /// 4713 BC and the year 294276 (timestamp.h, `MIN_TIMESTAMP`, `END_TIMESTAMP`).
  static let earliest: Int64 = -210_866_803_200_000_000
  static let latest: Int64 = 9_223_371_331_199_999_999

  package static var postgresType: PostgresType { .timestamp }
  package static func < (left: PostgresTimestamp, right: PostgresTimestamp) -> Bool {
    left.microseconds < right.microseconds
  }
  package func encode(into bytes: inout [UInt8]) throws(PostgresError) {
    guard microseconds >= PostgresTimestamp.earliest, microseconds <= PostgresTimestamp.latest else {
      throw PostgresError(.invalidParameter, "an instant lies outside of what the database can hold")
    }
    (microseconds - PostgresTimestamp.epochMicroseconds).appendBigEndian(to: &bytes)
  }
  package init?(postgres bytes: Span<UInt8>, oid: UInt32) {
    guard oid == PostgresType.timestamp.oid, let since2000 = Int64(bigEndian: bytes) else { return nil }
    let (sum, overflowed) = since2000.addingReportingOverflow(PostgresTimestamp.epochMicroseconds)
    microseconds = overflowed ? .max : sum
  }
}

extension Int64 {
  func multipliedClamped(by factor: Int64) -> Int64 {
    let (product, overflowed) = multipliedReportingOverflow(by: factor)
    return overflowed ? (self < 0 ? .min : .max) : product
  }
}
