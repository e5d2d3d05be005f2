import EventLoop
import FoundationEssentials
import KafkaWire
import PartitionLog
import Synchronization
import Testing

@testable import EmbeddedBroker

/// A topic controller over a folder of its own on the disk, without connections.
final class TopicsScene: Sendable {
  let directory: String
  let loop: EventLoop
  let table = TopicTable()
  let controller: TopicController
  let store: PartitionStore
  /// Groups that know of deleted topics; ``startGroups()`` loads them.
  let groups: GroupCoordinator
  private let notes: Notes

  /// A controller that starts in the folder, which is made where it is not there.
  convenience init(
    in folder: String? = nil, start: [String: String] = [:], flush: FlushPolicy = .group
  ) throws {
    let directory = folder ?? "/tmp/topics-\(UInt64.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try self.init(in: directory, on: DiskFiles(), start: start, flush: flush) { Issue.record("the disk failed: \($0)") }
  }

  /// A controller over a disk that may fail.
  init(
    in directory: String, on files: any FileLayer, start: [String: String] = [:], flush: FlushPolicy = .group,
    failed: @escaping @Sendable (String) -> Void
  ) throws {
    self.directory = directory
    loop = try LoopThread.startLoop(name: "topics")
    groups = GroupCoordinator(
      loop: loop, topics: table, identity: BrokerIdentity(clusterID: "c", host: "h", port: AdvertisedPort()),
      clock: { 1_000_000 })
    let groups = groups
    let committer = try Committer(CommitJournal.open(directory, files: files).journal, failed: failed)
    store = PartitionStore(
      directory: directory, files: files, committer: committer, remembered: [:], after: .unclean)
    var options = TopicController.Options()
    options.start = start
    options.flush = flush
    let notes = Notes()
    controller = try TopicController.start(
      on: loop, pool: BlockingPool(name: "topics", threads: 2, queueLimit: 1000), store: store, table: table,
      options: options,
      hooks: TopicHooks(
        deleted: { name, _ in
          await groups.topicDeleted(name)
          notes.deleted.withLock { $0.append(name) }
        },
        failed: failed,
        saveLogStarts: { notes.saved.withLock { $0 += 1 } }))
    self.notes = notes
  }

  private final class Notes: Sendable {
    let deleted = Mutex<[String]>([])
    let saved = Mutex(0)
  }

  /// The topics that were deleted, as the rest of the broker was told.
  var deleted: [String] { notes.deleted.withLock { $0 } }
  /// How often where logs start was put on the disk.
  var savedLogStarts: Int { notes.saved.withLock { $0 } }
  /// The folders there are, of partitions and what they have left.
  var folders: [String] {
    get throws {
      try DiskFiles().names(in: directory).filter {
        !$0.hasPrefix("metadata.") && !CommitJournal.fileNames.contains($0)
      }.sorted()
    }
  }

  deinit { loop.stop() }

  /// What a deleted topic has left may be being removed at the same time, which `FileManager` stops at.
  func remove() { try? DiskFiles().removeDirectory(directory) }
}
