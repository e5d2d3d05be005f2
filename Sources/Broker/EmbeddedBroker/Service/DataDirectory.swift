internal import Glibc
package import KafkaWire
package import PartitionLog

/// The broker's folder: its lock, who it is, and what it remembers of how it ended. Immutable once opened.
///
/// The lock is the kernel's, on an open file that no child inherits: it goes with the process, however that ends.
package final class DataDirectory: Sendable {
  /// The folder's path.
  package let path: String
  /// The cluster's identifier, made once.
  package let clusterID: WireUUID
  /// How the process that had it before has ended.
  package let shutdown: PartitionLog.Shutdown
  /// What is remembered of each partition.
  package let checkpoints: [PartitionName: LogCheckpoint]
  private let files: any FileLayer
  private let lock: Int32

  private static let markerName = "clean-shutdown"
  private static let identityName = "meta.properties"

  /// Makes the folder where it is not there, takes the lock, and reads what is remembered.
  ///
  /// - Throws: ``BrokerError`` where another process has it, or it cannot be used.
  package init(_ path: String, files: any FileLayer) throws(BrokerError) {
    self.path = path
    self.files = files
    lock = try Self.takeLock(path)
    do throws(FileError) {
      clusterID = try Self.identity(path, files)
      // Gone before anything is written: whoever starts after a kill must not take the files as they are.
      shutdown = try files.contents(of: "\(path)/\(Self.markerName)") == nil ? .unclean : .clean
      try files.remove("\(path)/\(Self.markerName)")
      try files.syncDirectory(path)
      checkpoints = try Self.readCheckpoints(path, files)
    } catch {
      Glibc.close(lock)
      throw BrokerError(.folderUnusable, "\(path) cannot be used: \(error); look at its owner and at the disk")
    }
  }

  /// Lets another process have the folder: nothing is written any more. Harmless when repeated.
  package func unlock() { flock(lock, LOCK_UN) }

  deinit { Glibc.close(lock) }

  private static func takeLock(_ path: String) throws(BrokerError) -> Int32 {
    guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw BrokerError(
        .folderUnusable, "\(path) cannot be made (errno \(errno)); make it, or choose another with --data")
    }
    let file = "\(path)/LOCK"
    let lock = unsafe Glibc.open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw BrokerError(.folderUnusable, "\(file) cannot be opened (errno \(errno))") }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      Glibc.close(lock)
      throw BrokerError(
        .folderInUse, "\(path) is in use by another broker; stop that one, or choose another folder with --data")
    }
    return lock
  }

  private static func identity(_ path: String, _ files: any FileLayer) throws(FileError) -> WireUUID {
    let file = "\(path)/\(identityName)"
    if let bytes = try files.contents(of: file) {
      for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
        let parts = line.split(separator: "=", maxSplits: 1)
        if parts.count == 2, parts[0] == "cluster.id", let id = WireUUID(String(parts[1])) { return id }
      }
    }
    var generator = SystemRandomNumberGenerator()
    let id = WireUUID.random(using: &generator)
    let text = "version=1\ncluster.id=\(id)\nnode.id=\(BrokerOptions.nodeID)\n"
    try files.replace(file, with: Array(text.utf8))
    return id
  }

  private static func readCheckpoints(
    _ path: String, _ files: any FileLayer
  ) throws(FileError) -> [PartitionName: LogCheckpoint] {
    var found: [PartitionName: LogCheckpoint] = [:]
    let points = try files.contents(of: "\(path)/\(CheckpointFile.recoveryPoints)").flatMap(CheckpointFile.decode)
    for line in points ?? [] {
      found[PartitionName(line.topic, line.partition), default: LogCheckpoint()].recoveryPoint = line.offset
    }
    let starts = try files.contents(of: "\(path)/\(CheckpointFile.logStarts)").flatMap(CheckpointFile.decode)
    for line in starts ?? [] {
      found[PartitionName(line.topic, line.partition), default: LogCheckpoint()].logStartOffset = line.offset
    }
    return found
  }

  // MARK: while it runs

  /// Remembers the recovery points and log starts of the partitions. Blocks.
  package func writeCheckpoints(_ partitions: [Partition]) throws(FileError) {
    var (points, starts): ([CheckpointFile.Line], [CheckpointFile.Line]) = ([], [])
    for partition in partitions {
      let (point, start) = partition.withLog { ($0.recoveryPoint, $0.logStartOffset) }
      points.append(CheckpointFile.Line(topic: partition.topic, partition: partition.index, offset: point))
      if start > 0 {
        starts.append(CheckpointFile.Line(topic: partition.topic, partition: partition.index, offset: start))
      }
    }
    // The starts first: a recovery point may lie behind a start that is not known yet, never before one.
    try files.replace("\(path)/\(CheckpointFile.logStarts)", with: CheckpointFile.encode(starts))
    try files.replace("\(path)/\(CheckpointFile.recoveryPoints)", with: CheckpointFile.encode(points))
  }

  /// Everything was closed: the next start may take the files as they are. Blocks.
  package func markClean() throws(FileError) {
    try files.replace("\(path)/\(Self.markerName)", with: [])
  }
}
