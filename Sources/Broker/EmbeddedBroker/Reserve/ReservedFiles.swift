internal import PartitionLog

/// A file system on which the broker's own records find room where clients' batches do not, by a ``DiskReserve``.
struct ReservedFiles: FileLayer {
  private let files: any FileLayer
  private let reserve: DiskReserve

  init(_ files: any FileLayer, _ reserve: DiskReserve) {
    self.files = files
    self.reserve = reserve
  }

  /// Batches of clients are what is written into the segments of topics that are not the broker's own.
  static func writer(of path: String) -> ReserveRules.Writer {
    guard let name = path.split(separator: "/").last, name.hasSuffix(".log"), let first = name.utf8.first,
      (0x30...0x39).contains(first)
    else { return .broker }
    let folder = FilePath.folder(of: path).split(separator: "/").last ?? ""
    guard let hyphen = folder.lastIndex(of: "-") else { return .broker }
    return TopicRules.internalNames.contains(String(folder[..<hyphen])) ? .broker : .clients
  }

  func open(_ path: String, _ opening: FileOpening) throws(FileError) -> any LogFile {
    let file = try reserve.retrying { () throws(FileError) in try files.open(path, opening) }
    switch Self.writer(of: path) {
    case .clients: return ClientsFile(file, reserve)
    case .broker: return BrokersFile(file, reserve)
    }
  }

  func makeDirectory(_ path: String) throws(FileError) {
    try reserve.retrying { () throws(FileError) in try files.makeDirectory(path) }
  }

  func syncDirectory(_ path: String) throws(FileError) { try files.syncDirectory(path) }

  func rename(_ path: String, to newPath: String) throws(FileError) {
    try reserve.retrying { () throws(FileError) in try files.rename(path, to: newPath) }
  }

  func remove(_ path: String) throws(FileError) {
    try files.remove(path)
    reserve.look()
  }

  func removeDirectory(_ path: String) throws(FileError) {
    try files.removeDirectory(path)
    reserve.look()
  }

  func names(in path: String) throws(FileError) -> [String] { try files.names(in: path) }
}

/// A segment that clients' batches go into.
private final class ClientsFile: LogFile {
  private let file: any LogFile
  private let reserve: DiskReserve

  init(_ file: any LogFile, _ reserve: DiskReserve) {
    self.file = file
    self.reserve = reserve
  }

  var path: String { file.path }
  func byteCount() throws(FileError) -> Int64 { try file.byteCount() }
  func truncate(to byteCount: Int64) throws(FileError) { try file.truncate(to: byteCount) }
  func beginSync() { file.beginSync() }
  func sync() throws(FileError) { try file.sync() }

  func read(_ count: Int, at position: Int64, reach: ReadReach, into output: inout [UInt8]) throws(FileError) -> Bool {
    try file.read(count, at: position, reach: reach, into: &output)
  }

  func write(_ parts: [ArraySlice<UInt8>], at position: Int64) throws(FileError) {
    guard reserve.admitsClients() else { throw FileError("pwrite", path, FileError.noSpace) }
    try file.write(parts, at: position)
  }
}

/// A file that the broker writes for itself.
private final class BrokersFile: LogFile {
  private let file: any LogFile
  private let reserve: DiskReserve

  init(_ file: any LogFile, _ reserve: DiskReserve) {
    self.file = file
    self.reserve = reserve
  }

  var path: String { file.path }
  func byteCount() throws(FileError) -> Int64 { try file.byteCount() }
  func beginSync() { file.beginSync() }
  func sync() throws(FileError) { try file.sync() }

  func read(_ count: Int, at position: Int64, reach: ReadReach, into output: inout [UInt8]) throws(FileError) -> Bool {
    try file.read(count, at: position, reach: reach, into: &output)
  }

  func write(_ parts: [ArraySlice<UInt8>], at position: Int64) throws(FileError) {
    let file = file
    try reserve.retrying { () throws(FileError) in try file.write(parts, at: position) }
  }

  func truncate(to byteCount: Int64) throws(FileError) {
    let file = file
    try reserve.retrying { () throws(FileError) in try file.truncate(to: byteCount) }
  }
}
