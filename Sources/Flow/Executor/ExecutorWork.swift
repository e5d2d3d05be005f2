internal import CatalogueView
internal import EventLoop
internal import LogContracts
internal import LogRecords
internal import MillraceDomain
internal import PythonSandbox

/// One task on its way through the executor. Confined to the stage's loop.
final class ExecutorWork {
  /// Its number: the order of arrival.
  let number: UInt64
  let task: TaskRecord
  let offset: Int64
  let submittedAt: Timestamp
  /// The partition as it was owned when the task was read; another object when it has gone and come back.
  let partition: OwnedPartition
  /// While it waits for the catalogue: the bound of that, and what waits.
  var catalogueTimer: LoopTimer?
  var catalogueWait: CatalogueWait?
  /// The version that runs; nil until the catalogue has told.
  var version: CatalogueVersion?
  var startedAt: Timestamp?
  /// When it began to wait for a sandbox, in the dispatcher's time.
  var queuedAt: Duration?
  var log: LogBuffer?
  /// Its partition has gone before it was begun: whoever owns it now runs it.
  var isWithdrawn = false
  /// What has been sent and must be acknowledged before the task is done.
  var unacknowledged = 0
  var resultOffset: Int64?
  /// Its result has been sent.
  var isFinished = false

  init(number: UInt64, task: TaskRecord, record: ConsumedRecord, partition: OwnedPartition) {
    self.number = number
    self.task = task
    offset = record.position.offset
    submittedAt = Timestamp(milliseconds: record.timestampMilliseconds)
    self.partition = partition
  }
}

/// A partition of `tasks` that this executor owns. Confined to the stage's loop.
final class OwnedPartition {
  let partition: TopicPartition
  let committedOffset: Int64?
  let inheritedResultsOffset: Int64
  /// Tasks that have a result already.
  var inherited = InheritedResults()
  /// A task has been read.
  var hasBegun = false
  /// Nil while the results are being looked through.
  var tracker: PartitionTracker?
  var isPaused = false
  /// It goes: what is begun is finished, nothing else is begun.
  var isLeaving = false
  /// Tasks begun or being rejected, and not acknowledged.
  var activeCount = 0

  init(partition: TopicPartition, committedOffset: Int64?, inheritedResultsOffset: Int64) {
    self.partition = partition
    self.committedOffset = committedOffset
    self.inheritedResultsOffset = inheritedResultsOffset
  }
}

/// A sandbox and what it has been given. Confined to the stage's loop.
final class RunningSandbox {
  let number: UInt64
  let key: FunctionKey
  let version: CatalogueVersion
  var sandbox: Sandbox?
  /// What it has been given and has not answered, in order; the first one runs.
  var works: [ExecutorWork] = []
  /// Output written between two events.
  var earlyOutput: [UInt8] = []

  init(number: UInt64, key: FunctionKey, version: CatalogueVersion) {
    self.number = number
    self.key = key
    self.version = version
  }
}
