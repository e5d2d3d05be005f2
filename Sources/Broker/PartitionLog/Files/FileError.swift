/// The file system refused something.
package struct FileError: Error, Equatable, CustomStringConvertible {
  /// What was tried, as the system calls it.
  package let call: String
  /// On what.
  package let path: String
  /// The system's number for why (`errno`).
  package let number: Int32

  package init(_ call: String, _ path: String, _ number: Int32) {
    self.call = call
    self.path = path
    self.number = number
  }

  /// Whether it is for want of room: of blocks, of quota, or of inodes.
  package var isOutOfSpace: Bool { number == FileError.noSpace || number == FileError.overQuota }
  /// Whether a sync has failed: what is on the disk is unknown then, whatever a later one says, and the process must end.
  package var isFailedSync: Bool { call == FileError.syncCall || call == FileError.syncFolderCall }
  /// Whether there is no such file.
  package var isMissing: Bool { number == FileError.noEntry }

  package static let syncCall = "fdatasync"
  package static let syncFolderCall = "fsync"
  package static let noEntry: Int32 = 2
  package static let inputOutput: Int32 = 5
  package static let noSpace: Int32 = 28
  package static let overQuota: Int32 = 122

  package var description: String { "\(call) \(path) failed (errno \(number))" }
}
