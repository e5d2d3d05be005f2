internal import LogContracts
internal import LogRecords
internal import MillraceDomain

/// Records read and not yet written, in the order they were read.
struct RecorderBatch {
  struct Entry {
    let record: ConsumedRecord
    var fact: RecordedFact
    var partition: TopicPartition { record.position.partition }
  }

  var entries: [Entry] = []
  private(set) var byteCount = 0

  var isEmpty: Bool { entries.isEmpty }
  var isFull: Bool { entries.count >= RecorderLimits.batchRecords || byteCount >= RecorderLimits.batchBytes }

  mutating func append(_ record: ConsumedRecord, _ fact: RecordedFact) {
    entries.append(Entry(record: record, fact: fact))
    byteCount += (record.value?.count ?? 0) + record.headers.byteCount + (record.key?.count ?? 0)
  }

  /// Forgets the records of partitions that belong to somebody else now, or are read again.
  mutating func remove(_ partitions: Set<TopicPartition>) {
    entries.removeAll { partitions.contains($0.partition) }
    byteCount = entries.reduce(0) { $0 + ($1.record.value?.count ?? 0) + $1.record.headers.byteCount }
  }

  /// The batch in two, for finding the record that the database refuses. Only of two entries or more.
  func halves() -> (RecorderBatch, RecorderBatch) {
    precondition(entries.count > 1)
    var (first, second) = (RecorderBatch(), RecorderBatch())
    for (index, entry) in entries.enumerated() {
      if index < entries.count / 2 { first.entries.append(entry) } else { second.entries.append(entry) }
    }
    return (first, second)
  }

  /// The offset after the last record of each partition.
  var nextOffsets: [TopicPartition: Int64] {
    entries.reduce(into: [:]) { $0[$1.partition] = $1.record.position.offset + 1 }
  }

  var oldestMilliseconds: Int64? { entries.lazy.map(\.record.timestampMilliseconds).min() }
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
    for entry in batch.entries where fenced.isEmpty || !fenced.contains(entry.partition) { add(entry.fact) }
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
    case .poison, .unreadable: break
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
