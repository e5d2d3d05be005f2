/// Something about a partition's files that whoever runs the broker should know: met at a start, at a read, or by a check.
package struct LogFinding: Sendable, Equatable, CustomStringConvertible {
  /// What it is.
  package enum Kind: String, Sendable, Equatable {
    /// Bytes behind the last whole batch were cut off: they were not acknowledged.
    case tailCut
    /// Records that were acknowledged are not what was written, or not there. They are refused; what follows them stays.
    case recordsDamaged
    /// An index did not tell what the log does, and was made anew.
    case indexRebuilt
    /// A snapshot of producers was damaged; an older one and the log have replaced it.
    case snapshotDamaged
  }

  /// What it is.
  package let kind: Kind
  /// The file.
  package let path: String
  /// Where in the file, in bytes from its start.
  package let position: Int64
  /// More about it, for people.
  package let detail: String

  init(_ kind: Kind, _ path: String, at position: Int64 = 0, _ detail: String = "") {
    self.kind = kind
    self.path = path
    self.position = position
    self.detail = detail
  }

  /// Whether something is lost that was acknowledged.
  package var isLoss: Bool { kind == .recordsDamaged }

  package var description: String { "\(kind.rawValue) \(path) at byte \(position): \(detail)" }
}
