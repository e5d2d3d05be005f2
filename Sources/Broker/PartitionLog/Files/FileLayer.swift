/// The file system as the log uses it: small enough that a test can put one in its place that cuts the power.
///
/// What a call writes may be lost until `sync` of the file has returned; that a name exists, is another's or is gone may be lost
/// until `syncDirectory` of its folder has returned.
package protocol FileLayer: Sendable {
  /// Opens a file for reading and writing.
  func open(_ path: String, _ opening: FileOpening) throws(FileError) -> any LogFile
  /// Makes a folder; one that is there already is no error.
  func makeDirectory(_ path: String) throws(FileError)
  /// Makes the folder's names durable.
  func syncDirectory(_ path: String) throws(FileError)
  /// Gives a file or folder another name; a file of that name is replaced at one stroke.
  func rename(_ path: String, to newPath: String) throws(FileError)
  /// Removes a file.
  func remove(_ path: String) throws(FileError)
  /// Removes a folder with all that is in it.
  func removeDirectory(_ path: String) throws(FileError)
  /// The names in a folder, in no order.
  func names(in path: String) throws(FileError) -> [String]
}

/// How a file is opened.
package enum FileOpening: Sendable, Equatable {
  /// It must be there.
  case existing
  /// It is made where it is not there.
  case orCreate
  /// It is made, and emptied where it is there.
  case empty
}

extension FileLayer {
  /// The whole of a small file; nil where it is not there.
  package func contents(of path: String, limit: Int = 64 << 20) throws(FileError) -> [UInt8]? {
    let file: any LogFile
    do throws(FileError) { file = try open(path, .existing) } catch {
      guard error.isMissing else { throw error }
      return nil
    }
    return try file.bytes(Int(min(try file.byteCount(), Int64(limit))), at: 0)
  }

  /// Puts a small file in place, or leaves what was there, and nothing between: beside it, synced, renamed, and the name synced.
  package func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
    try place(path, bytes)
    try syncDirectory(FilePath.folder(of: path))
  }

  /// As `replace`, but for the sync of the name.
  func place(_ path: String, _ bytes: [UInt8]) throws(FileError) {
    let beside = path + ".tmp"
    let file = try open(beside, .empty)
    try file.write([bytes[...]], at: 0)
    try file.sync()
    try rename(beside, to: path)
  }
}
