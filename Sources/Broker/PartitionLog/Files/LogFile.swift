/// Where bytes may be read from.
package enum ReadReach: Sendable, Equatable {
  /// Only from memory: the caller must not be kept waiting.
  case cached
  /// From the disk too: not on a loop.
  case disk
}

/// An open file. It closes when it is released.
package protocol LogFile: AnyObject, Sendable {
  /// The file's path when it was opened.
  var path: String { get }
  /// How many bytes it has.
  func byteCount() throws(FileError) -> Int64
  /// Writes all parts, one behind the other. Where it throws, some of them may be there.
  func write(_ parts: [ArraySlice<UInt8>], at position: Int64) throws(FileError)
  /// Adds at most `count` bytes from `position` to the output, fewer only at the file's end. False, and nothing is added,
  /// where they are not all in memory and only memory may be read.
  func read(_ count: Int, at position: Int64, reach: ReadReach, into output: inout [UInt8]) throws(FileError) -> Bool
  /// Cuts the file, or fills it with zeros, to so many bytes.
  func truncate(to byteCount: Int64) throws(FileError)
  /// Begins to bring what was written to the disk, and does not wait for it: of several files to be synced, all are under way
  /// before the first is waited for. It promises nothing.
  func beginSync()
  /// Makes what was written, and the length, durable (`fdatasync`). Where it throws, what was written since the last sync may be
  /// there or not, whatever a later sync says.
  func sync() throws(FileError)
}

extension LogFile {
  package func beginSync() {}

  /// The bytes from `position`, at most `count`, from the disk if need be.
  package func bytes(_ count: Int, at position: Int64) throws(FileError) -> [UInt8] {
    var output: [UInt8] = []
    _ = try read(count, at: position, reach: .disk, into: &output)
    return output
  }
}
