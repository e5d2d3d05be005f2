package import KafkaWire

/// The log of one partition: its segments on the disk, its offsets, and the producers that number their batches.
///
/// Whoever owns it guards it: nothing here may be called by two threads at once. Nothing here waits for the disk's cache to
/// be written, but for opening and closing; a read says whether it may.
package final class PartitionLog {
  /// A place in the log: an offset, and where it stands.
  struct Place: Sendable, Equatable {
    var offset: Int64
    /// The segment's base offset.
    var segment: Int64
    /// Bytes from the segment's start.
    var position: Int64
  }

  /// The folder of its files.
  package let directory: String
  /// The topic's identifier.
  package let topicID: WireUUID
  /// How records are kept. May be changed at any time.
  package var options: LogOptions {
    didSet { if !options.flush.holdsAcknowledgement { highWatermarkPlace = endPlace } }
  }

  let files: any FileLayer
  let cache: FileCache
  /// What is wrong with the files. May be asked by anybody.
  package let findings = LogFindings()
  /// Ascending by base offset; the last one takes what is appended.
  var segments: [Segment] = []
  /// Counted with those of all partitions whatever changes it.
  var producers = ProducerTable() { didSet { countProducers() } }
  let producerCount: ProducerCount
  private var countedProducers = 0
  var recent = RecentBatches()
  /// Segments with bytes that no sync has covered, in order.
  var unsynced: [Segment] = []
  var hasUnsyncedNames = false
  /// Segments that a ticket covers which has not come back.
  var outstanding: [Segment] = []
  var outstandingClosing: RollSnapshot?
  var ticketCount = 0
  /// The producers as they were at the last roll: written once everything before it is synced.
  var rollSnapshot: RollSnapshot?
  var highWatermarkPlace = Place(offset: 0, segment: 0, position: 0)
  /// Everything before it has been made durable, whatever readers may see.
  var durablePlace = Place(offset: 0, segment: 0, position: 0)

  /// The offset of the oldest record that may be read.
  package internal(set) var logStartOffset: Int64
  /// The offset that the next record will get.
  package internal(set) var logEndOffset: Int64 = 0
  /// Everything before this offset has been made durable by a checkpoint: a start does not look at it.
  package internal(set) var recoveryPoint: Int64 = 0
  /// Appended since the last sync.
  package internal(set) var unsyncedRecordCount: Int64 = 0

  /// Everything before it may be read, and is durable where the flush policy holds acknowledgements.
  package var highWatermark: Int64 { highWatermarkPlace.offset }
  /// Bytes of all segments.
  package var byteCount: Int64 { segments.reduce(0) { $0 + $1.byteCount } }
  /// Producers whose numbers are remembered.
  package var knownProducerCount: Int { producers.producers.count }
  /// Segments there are.
  package var segmentCount: Int { segments.count }

  var folder: SegmentFolder {
    SegmentFolder(directory: directory, files: files, cache: cache, findings: findings)
  }

  var activeSegment: Segment {
    guard let last = segments.last else { preconditionFailure("a log has a segment") }
    return last
  }

  var endPlace: Place {
    Place(offset: logEndOffset, segment: activeSegment.baseOffset, position: activeSegment.byteCount)
  }

  /// How the process that had it before has ended.
  package enum Shutdown: Sendable, Equatable {
    /// It closed the log: the files are taken as they are.
    case clean
    /// It was killed: what is not proven to have been durable is looked at, batch by batch.
    case unclean
  }

  /// Opens the log, or makes it; cuts off what is not whole at its end. Blocks.
  ///
  /// - Throws: ``PartitionLogError`` with `kafkaStorageError`.
  package init(
    directory: String, topicID: WireUUID, options: LogOptions, files: any FileLayer, cache: FileCache,
    producerCount: ProducerCount = ProducerCount(), checkpointed: LogCheckpoint, after shutdown: Shutdown,
    nowMilliseconds now: Int64
  ) throws(PartitionLogError) {
    self.directory = directory
    self.topicID = topicID
    self.options = options
    self.files = files
    self.cache = cache
    self.producerCount = producerCount
    logStartOffset = checkpointed.logStartOffset
    do throws(FileError) { try recover(checkpointed, after: shutdown, nowMilliseconds: now) } catch {
      throw PartitionLogError(error)
    }
  }

  deinit { producerCount.change(from: countedProducers, to: 0) }

  private func countProducers() {
    let known = producers.producers.count
    guard known != countedProducers else { return }
    producerCount.change(from: countedProducers, to: known)
    countedProducers = known
  }
}

/// What a broker remembers of a partition over a restart, beside its files.
package struct LogCheckpoint: Sendable, Equatable {
  /// Everything before it was durable. After a kill the log's own files are asked instead.
  package var recoveryPoint: Int64 = 0
  /// Everything before it was deleted.
  package var logStartOffset: Int64 = 0

  package init() {}

  package init(recoveryPoint: Int64, logStartOffset: Int64) {
    self.recoveryPoint = recoveryPoint
    self.logStartOffset = logStartOffset
  }
}

/// The last appends and where they stand: a consumer at the end needs no look into an index.
struct RecentBatches {
  struct Batch {
    let first: Int64
    let last: Int64
    let place: PartitionLog.Place
    let byteCount: Int
  }

  private var batches: [Batch] = []
  private var oldest = 0

  mutating func add(_ batch: Batch) {
    if batches.count < LogLimits.recentBatches {
      batches.append(batch)
    } else {
      batches[oldest] = batch
      oldest = (oldest + 1) % batches.count
    }
  }

  /// The batch with the offset.
  func batch(of offset: Int64) -> Batch? { batches.first { $0.first <= offset && offset <= $0.last } }
}
