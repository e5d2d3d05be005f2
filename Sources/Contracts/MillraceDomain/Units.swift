/// A point in time: milliseconds since 1970 UTC. What Kafka stamps records with.
package struct Timestamp: Hashable, Comparable, Sendable, Codable {
  /// Milliseconds since 1970 UTC.
  package let milliseconds: Int64
  /// A time from milliseconds since 1970 UTC.
  package init(milliseconds: Int64) { self.milliseconds = milliseconds }
  package init(from decoder: any Decoder) throws {
    milliseconds = try decoder.singleValueContainer().decode(Int64.self)
  }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(milliseconds)
  }
  package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
}

/// The number of an immutable version of a function: 1, 2, 3, …
package struct VersionNumber: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
  /// At least 1.
  package let number: Int32
  /// - Throws: ``DomainError`` with `outOfRange` below 1.
  package init(_ number: Int32) throws(DomainError) {
    guard number >= 1 else { throw DomainError(.outOfRange, "version \(number): versions count from 1") }
    self.number = number
  }
  package init(from decoder: any Decoder) throws { try self.init(decoder.singleValueContainer().decode(Int32.self)) }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(number)
  }
  /// The first version.
  package static let first = VersionNumber(unchecked: 1)
  /// The version after this one.
  package var next: VersionNumber { VersionNumber(unchecked: number + 1) }
  private init(unchecked number: Int32) { self.number = number }
  package var description: String { String(number) }
  package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// The number of an attempt to run an invocation: 1, 2, 3, …
package struct AttemptNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// At least 1.
  package let number: Int32
  /// - Throws: ``DomainError`` with `outOfRange` outside 1…1,000,000.
  package init(_ number: Int64) throws(DomainError) {
    guard (1...1_000_000).contains(number) else {
      throw DomainError(.outOfRange, "attempt \(number): attempts count from 1")
    }
    self.number = Int32(number)
  }
  private init(unchecked number: Int32) { self.number = number }
  /// The first attempt.
  package static let first = AttemptNumber(unchecked: 1)
  package var description: String { String(number) }
  package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// The index of a committed command in the catalogue's log: 1, 2, 3, …; 0 is "before the first".
package struct CatalogueIndex: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
  /// At least 0.
  package let number: UInt64
  /// An index by number.
  package init(_ number: UInt64) { self.number = number }
  package init(from decoder: any Decoder) throws { number = try decoder.singleValueContainer().decode(UInt64.self) }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(number)
  }
  /// The index after this one.
  package var next: CatalogueIndex { CatalogueIndex(number + 1) }
  package var description: String { String(number) }
  package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}
