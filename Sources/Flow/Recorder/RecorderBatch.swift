internal import LogContracts
internal import LogRecords
internal import MillraceDomain

/// Records read and not yet written, in the order they were read.
struct RecorderBatch {
  struct Entry {
    let record: ConsumedRecord
    let fact: RecordedFact
    var partition: TopicPartition { record.position.partition }
  }

  private(set) var entries: [Entry] = []
  private(set) var byteCount = 0
  /// The offset after the last record of each partition.
  private(set) var nextOffsets: [TopicPartition: Int64] = [:]
  private(set) var oldestMilliseconds = Int64.max
  /// Whether there are records that cannot be recorded.
  private(set) var hasRejections = false

  var isEmpty: Bool { entries.isEmpty }
  var isFull: Bool { entries.count >= RecorderLimits.batchRecords || byteCount >= RecorderLimits.batchBytes }

  /// Adds records of one partition, in order.
  mutating func append(_ records: [ConsumedRecord], from source: RecorderSource) {
    guard let last = records.last else { return }
    for record in records { add(Entry(record: record, fact: RecorderRules.fact(of: record, from: source))) }
    nextOffsets[last.position.partition] = last.position.offset + 1
  }

  private mutating func add(_ entry: Entry) {
    byteCount += entry.record.headers.byteCount + (entry.record.value?.count ?? 0) + (entry.record.key?.count ?? 0)
    oldestMilliseconds = min(oldestMilliseconds, entry.record.timestampMilliseconds)
    switch entry.fact {
    case .poison, .unreadable: hasRejections = true
    case .invocation, .finished, .output, .deadLetter, .malformedTask: break
    }
    entries.append(entry)
  }

  /// A batch of these entries alone.
  init(_ entries: some Sequence<Entry>) {
    for entry in entries {
      add(entry)
      nextOffsets[entry.partition] = entry.record.position.offset + 1
    }
  }

  /// Nothing yet.
  init() {}

  /// The batch without the records of partitions that belong to somebody else now, or are read again.
  func without(_ partitions: Set<TopicPartition>) -> RecorderBatch {
    RecorderBatch(entries.lazy.filter { !partitions.contains($0.partition) })
  }

  /// The batch in two, for finding the record that the database refuses. Only of two entries or more.
  func halves() -> (RecorderBatch, RecorderBatch) {
    precondition(entries.count > 1)
    let middle = entries.count / 2
    return (RecorderBatch(entries[..<middle]), RecorderBatch(entries[middle...]))
  }
}

/// The rows that a batch comes to: one for each invocation it says something of.
struct RecorderRows {
  private(set) var invocations: [InvocationRow] = []
  private(set) var attempts: [AttemptRow] = []
  private(set) var output: [OutputRow] = []
  private(set) var deadLetters: [DeadLetterRow] = []
  private var positions: [InvocationID: Int] = [:]

  init(_ batch: RecorderBatch, without fenced: Set<TopicPartition>) {
    positions.reserveCapacity(batch.entries.count)
    for index in batch.entries.indices where fenced.isEmpty || !fenced.contains(batch.entries[index].partition) {
      add(batch.entries[index].fact)
    }
  }

  private mutating func add(_ fact: RecordedFact) {
    switch fact {
    case .invocation(let row): merge(row)
    case .finished(let attempt, let row):
      attempts.append(attempt)
      merge(row)
    case .output(let line, let row):
      output.append(line)
      if let row { merge(row) }
    case .deadLetter(let letter, let row):
      deadLetters.append(letter)
      if let row { merge(row) }
    case .malformedTask, .poison, .unreadable: break
    }
  }

  private mutating func merge(_ row: InvocationRow) {
    if let position = positions[row.id] {
      invocations[position].merge(row)
    } else {
      positions[row.id] = invocations.count
      invocations.append(row)
    }
  }
}
