/// A term of the consensus. Until there are more members than one it stays 1.
package struct Term: Hashable, Comparable, Sendable {
  /// The number, from 1.
  package let number: UInt64
  /// A term by its number.
  package init(_ number: UInt64) { self.number = number }
  package static func < (left: Term, right: Term) -> Bool { left.number < right.number }
}

/// The position of an entry in the controller's log, from 1; 0 is "before the first".
package struct LogIndex: Hashable, Comparable, Sendable {
  /// The number.
  package let number: UInt64
  /// An index by its number.
  package init(_ number: UInt64) { self.number = number }
  /// The index after this one.
  package var next: LogIndex { LogIndex(number + 1) }
  /// Before the first entry.
  package static let zero = LogIndex(0)
  package static func < (left: LogIndex, right: LogIndex) -> Bool { left.number < right.number }
}

/// What an entry's payload is. An open set: a reader refuses what it does not know.
package struct LogEntryKind: Hashable, Sendable {
  /// The byte on disk.
  package let byte: UInt8
  /// A catalogue command.
  package static let command = LogEntryKind(byte: 1)
  /// Nothing: a new leader's first entry, once there are elections.
  package static let nothing = LogEntryKind(byte: 2)
  /// A change of membership, once there are several members.
  package static let membership = LogEntryKind(byte: 3)
  /// The feed is told the whole state; the payload names what it has and the catalogue has not.
  package static let republication = LogEntryKind(byte: 4)
}

/// One entry of the controller's log.
package struct LogEntry: Hashable, Sendable {
  /// The term in which it was appended.
  package let term: Term
  /// Its position.
  package let index: LogIndex
  /// What the payload is.
  package let kind: LogEntryKind
  /// The payload's bytes.
  package let payload: [UInt8]

  /// An entry.
  package init(term: Term, index: LogIndex, kind: LogEntryKind, payload: [UInt8]) {
    self.term = term
    self.index = index
    self.kind = kind
    self.payload = payload
  }
}
