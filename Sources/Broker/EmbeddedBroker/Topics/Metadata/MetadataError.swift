internal import PartitionLog

/// Why the metadata log could not be read or written.
package struct MetadataError: Error, Equatable, CustomStringConvertible {
  /// What kind of reason.
  package struct Code: Hashable, Sendable {
    let name: String
    /// What stands in a file is not what was written. The broker must not start: what is missing might be a topic.
    package static let damaged = Code(name: "metadataDamaged")
    /// The disk refused a write, and nothing was changed. Retry when there is room.
    package static let refused = Code(name: "metadataRefused")
    /// A sync failed: what is on the disk is not known. The process must end and read it again.
    package static let unknown = Code(name: "metadataUnknown")
  }

  /// What kind of reason.
  package let code: Code
  /// The reason, for people.
  package let message: String
  /// Whether it is for want of room.
  package private(set) var isOutOfSpace = false

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  init(_ code: Code, _ error: FileError) {
    self.init(code, "\(error)")
    isOutOfSpace = error.isOutOfSpace
  }

  static func damaged(_ file: String, at byte: Int, _ why: String) -> MetadataError {
    MetadataError(
      .damaged,
      "\(file), byte \(byte): \(why). Nothing was changed. Put the file back as it was, from a copy of the data folder")
  }

  package var description: String { "metadata: \(message)" }
}
