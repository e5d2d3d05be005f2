/// When what is appended is made durable, and whether an acknowledgement waits for it.
package enum FlushPolicy: Sendable, Equatable {
  /// Before it is acknowledged or can be read, together with whatever else has gathered meanwhile.
  case group
  /// Within so long, behind the acknowledgement.
  case interval(milliseconds: Int64)
  /// After so many records, behind the acknowledgement.
  case messages(Int64)
  /// When the system likes.
  case never

  /// Whether the high watermark waits for the disk.
  package var holdsAcknowledgement: Bool { self == .group }
}
