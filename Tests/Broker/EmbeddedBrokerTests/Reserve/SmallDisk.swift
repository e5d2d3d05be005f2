import FoundationEssentials
import PartitionLog
import Synchronization

/// The disk, with so many bytes on it and no more: what files grow by is taken, what is removed comes back.
final class SmallDisk: FileLayer, DiskRoom {
  private let disk = DiskFiles()
  private let left: Mutex<Int64>

  init(byteCount: Int64) { left = Mutex(byteCount) }

  /// Bytes that may still be written.
  var available: Int64 { left.withLock { $0 } }
  /// Somebody else writes so much, or removes it.
  func use(_ byteCount: Int64) { left.withLock { $0 -= byteCount } }

  fileprivate func take(_ byteCount: Int64, _ call: String, _ path: String) throws(FileError) {
    let hasRoom = left.withLock { left in
      guard byteCount <= left || byteCount <= 0 else { return false }
      left -= byteCount
      return true
    }
    if !hasRoom { throw FileError(call, path, FileError.noSpace) }
  }

  private func size(_ path: String) throws(FileError) -> Int64 { try disk.heldByteCount(path) ?? 0 }

  // MARK: FileLayer

  func open(_ path: String, _ opening: FileOpening) throws(FileError) -> any LogFile {
    if opening == .empty { use(-(try size(path))) }
    return SmallFile(try disk.open(path, opening), self)
  }

  func rename(_ path: String, to newPath: String) throws(FileError) {
    let replaced = (try? size(newPath)) ?? 0
    try disk.rename(path, to: newPath)
    use(-replaced)
  }

  func remove(_ path: String) throws(FileError) {
    let removed = try size(path)
    try disk.remove(path)
    use(-removed)
  }

  func removeDirectory(_ path: String) throws(FileError) {
    for name in try names(in: path) { try remove("\(path)/\(name)") }
    try disk.removeDirectory(path)
  }

  func makeDirectory(_ path: String) throws(FileError) { try disk.makeDirectory(path) }
  func syncDirectory(_ path: String) throws(FileError) { try disk.syncDirectory(path) }
  func names(in path: String) throws(FileError) -> [String] { try disk.names(in: path) }

  // MARK: DiskRoom

  func availableByteCount(at path: String) throws(FileError) -> Int64 { available }
  func heldByteCount(_ path: String) throws(FileError) -> Int64? { try disk.heldByteCount(path) }

  func hold(_ byteCount: Int64, in path: String) throws(FileError) {
    try take(byteCount - (try size(path)), "posix_fallocate", path)
    try disk.hold(byteCount, in: path)
  }

  func giveBack(_ path: String) throws(FileError) {
    use(-(try size(path)))
    try disk.giveBack(path)
  }
}

private final class SmallFile: LogFile {
  private let file: any LogFile
  private let disk: SmallDisk

  init(_ file: any LogFile, _ disk: SmallDisk) {
    self.file = file
    self.disk = disk
  }

  var path: String { file.path }
  func byteCount() throws(FileError) -> Int64 { try file.byteCount() }
  func sync() throws(FileError) { try file.sync() }

  func read(_ count: Int, at position: Int64, reach: ReadReach, into output: inout [UInt8]) throws(FileError) -> Bool {
    try file.read(count, at: position, reach: reach, into: &output)
  }

  func write(_ parts: [ArraySlice<UInt8>], at position: Int64) throws(FileError) {
    let end = position + Int64(parts.reduce(0) { $0 + $1.count })
    try disk.take(max(0, end - (try byteCount())), "pwrite", path)
    try file.write(parts, at: position)
  }

  func truncate(to byteCount: Int64) throws(FileError) {
    try disk.take(byteCount - (try self.byteCount()), "ftruncate", path)
    try file.truncate(to: byteCount)
  }
}
