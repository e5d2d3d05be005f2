package import EventLog
package import EventLoop
package import LogContracts
internal import LogRecords
package import MillraceDomain
internal import Security
internal import Telemetry

/// Code on the topic `code`: packages in chunks, addressed by their SHA-256. Confined to its loop, which makes it Sendable.
package final class ContentStore: @unchecked Sendable {
  private static let partition = TopicPartition(TopicDeclaration.code.name, 0)

  private let loop: EventLoop
  private let options: EventLogOptions
  private let context: RecordContext
  private let known: (CodeDigest) -> CodeReference?
  private let storedBytes = MetricsRegistry.shared.counter(
    CodeStoreSignals.storedBytes, help: "Bytes of code appended to the log.")
  private let fetchedBytes = MetricsRegistry.shared.counter(
    CodeStoreSignals.fetchedBytes, help: "Bytes of code read from the log.")
  private var producer: LogProducer?
  private var reader: PartitionReader?
  /// What this store has appended lately, oldest first: the catalogue tells of it a moment later.
  private var stored: [CodeReference] = []
  private var isFetching = false
  private var waitingForTurn: [CheckedContinuation<Void, Never>] = []

  /// A store; nothing is connected yet. `known` tells where code stands already, so that it is not stored twice.
  package init(
    loop: EventLoop, options: EventLogOptions, context: RecordContext,
    known: @escaping (CodeDigest) -> CodeReference? = { _ in nil }
  ) {
    self.loop = loop
    self.options = options
    self.context = context
    self.known = known
  }

  /// Closes the clients. What is under way fails as unavailable.
  package func close() async {
    precondition(loop.isCurrent)
    let (producer, reader) = (producer, reader)
    (self.producer, self.reader) = (nil, nil)
    await producer?.close()
    await reader?.close()
  }

  // MARK: storing

  /// Appends a package and returns where it stands, once the log has acknowledged all of it.
  ///
  /// - Throws: ``CodeStoreError`` with `tooLarge` or `unavailable`.
  package func store(_ bytes: [UInt8]) async throws(CodeStoreError) -> CodeReference {
    precondition(loop.isCurrent)
    guard bytes.count <= CodeStoreLimits.packageByteCount else {
      throw CodeStoreError(.tooLarge, "\(bytes.count) bytes; at most \(CodeStoreLimits.packageByteCount) are taken")
    }
    guard let digest = try? CodeDigest(bytes: SHA256.digest(bytes)) else {
      preconditionFailure("a SHA-256 has 32 bytes")
    }
    if let reference = known(digest) ?? stored.first(where: { $0.digest == digest }) { return reference }
    let chunks = ChunkAssembly.split(bytes, digest: digest)
    let firstOffset = try await append(chunks)
    storedBytes.increment(by: bytes.count)
    let reference = CodeReference(
      digest: digest, partition: ContentStore.partition.partition, firstOffset: firstOffset,
      byteCount: Int64(bytes.count), chunkCount: Int32(chunks.count))
    if stored.count == CodeStoreLimits.rememberedPackages { stored.removeFirst() }
    stored.append(reference)
    return reference
  }

  /// Appends the chunks, a few at a time, and returns the lowest offset.
  private func append(_ chunks: [CodeChunkRecord]) async throws(CodeStoreError) -> Int64 {
    var lowest = Int64.max
    for start in stride(from: 0, to: chunks.count, by: CodeStoreLimits.unacknowledgedChunks) {
      let group = chunks[start..<min(chunks.count, start + CodeStoreLimits.unacknowledgedChunks)]
      lowest = min(lowest, try await appendTogether(group))
    }
    return lowest
  }

  private func appendTogether(_ chunks: ArraySlice<CodeChunkRecord>) async throws(CodeStoreError) -> Int64 {
    let producer = try openProducer()
    let outcome = await withCheckedContinuation {
      (continuation: CheckedContinuation<Swift.Result<Int64, EventLogError>, Never>) in
      var outstanding = chunks.count
      var lowest = Int64.max
      var failure: EventLogError?
      for chunk in chunks {
        producer.send(chunk.encoded(partition: ContentStore.partition.partition, context: context)) { outcome in
          outstanding -= 1
          switch outcome {
          case .success(let position): lowest = min(lowest, position.offset)
          case .failure(let error): failure = failure ?? error
          }
          guard outstanding == 0 else { return }
          continuation.resume(returning: failure.map { .failure($0) } ?? .success(lowest))
        }
      }
    }
    switch outcome {
    case .success(let lowest): return lowest
    case .failure(let error):
      if error.isFatal {
        self.producer = nil
        await producer.close()
      }
      throw CodeStoreError(.unavailable, "the log did not take a chunk: \(error)")
    }
  }

  private func openProducer() throws(CodeStoreError) -> LogProducer {
    if let producer { return producer }
    do throws(EventLogError) {
      let made = try LogProducer(loop: loop, options: options)
      producer = made
      return made
    } catch { throw CodeStoreError(.unavailable, "no producer: \(error)") }
  }

  // MARK: fetching

  /// Reads a package. Fetches take turns.
  ///
  /// - Throws: ``CodeStoreError`` with `missing`, `damaged`, `unavailable`, `overloaded` or `tooLarge`.
  package func fetch(
    _ reference: CodeReference, within limit: Duration = CodeStoreLimits.fetchTime
  ) async throws(CodeStoreError) -> [UInt8] {
    precondition(loop.isCurrent)
    let assembly = try ChunkAssembly(reference)
    try await takeTurn()
    defer { passTurn() }
    let reader = try openReader()
    let outcome = await collect(assembly, reference, from: reader, within: limit)
    if self.reader === reader { reader.remove([ContentStore.partition(of: reference)]) } else { await reader.close() }
    switch outcome {
    case .success(let assembly):
      fetchedBytes.increment(by: Int(reference.byteCount))
      return try assembly.package()
    case .failure(let error): throw error
    }
  }

  private func collect(
    _ assembly: ChunkAssembly, _ reference: CodeReference, from reader: PartitionReader, within limit: Duration
  ) async -> Swift.Result<ChunkAssembly, CodeStoreError> {
    await withCheckedContinuation { continuation in
      let collection = ChunkCollection(assembly) { outcome in continuation.resume(returning: outcome) }
      let timer = loop.schedule(after: limit) {
        collection.fail(CodeStoreError(.unavailable, "\(reference.digest) was not read in time"))
      }
      reader.received = { _, records in
        collection.take(records)
        if collection.isFinished { timer.cancel() }
      }
      reader.reachedEnd = { _, _ in
        timer.cancel()
        collection.fail(CodeStoreError(.missing, "chunks of \(reference.digest) are not on the log"))
      }
      reader.failed = { [weak self] error in
        guard error.isFatal || !error.isRetriable else { return }
        timer.cancel()
        if error.isFatal { self?.reader = nil }
        collection.fail(CodeStoreError(.unavailable, "the log cannot be read: \(error)"))
      }
      reader.add([ContentStore.partition(of: reference): .offset(reference.firstOffset)])
    }
  }

  private static func partition(of reference: CodeReference) -> TopicPartition {
    TopicPartition(TopicDeclaration.code.name, reference.partition)
  }

  private func openReader() throws(CodeStoreError) -> PartitionReader {
    if let reader { return reader }
    do throws(EventLogError) {
      let made = try PartitionReader(
        loop: loop, options: options, prefetchedKibibytes: CodeStoreLimits.prefetchedKibibytes, pace: .standing)
      reader = made
      return made
    } catch { throw CodeStoreError(.unavailable, "no reader: \(error)") }
  }

  private func takeTurn() async throws(CodeStoreError) {
    guard isFetching else {
      isFetching = true
      return
    }
    guard waitingForTurn.count < CodeStoreLimits.waitingFetches else {
      throw CodeStoreError(.overloaded, "\(waitingForTurn.count) fetches wait already")
    }
    // The turn is handed over, never let go in between.
    await withCheckedContinuation { waitingForTurn.append($0) }
  }

  private func passTurn() {
    if waitingForTurn.isEmpty { isFetching = false } else { waitingForTurn.removeFirst().resume() }
  }
}

/// One fetch under way: ends once, with the package or an error.
private final class ChunkCollection {
  private var assembly: ChunkAssembly
  private var ended: ((Swift.Result<ChunkAssembly, CodeStoreError>) -> Void)?

  init(_ assembly: ChunkAssembly, ended: @escaping (Swift.Result<ChunkAssembly, CodeStoreError>) -> Void) {
    self.assembly = assembly
    self.ended = ended
  }

  var isFinished: Bool { ended == nil }

  func take(_ records: [ConsumedRecord]) {
    for record in records where !isFinished {
      // Strangers' records are not ours to judge here.
      guard let chunk = try? CodeChunkRecord(decoding: record) else { continue }
      do throws(CodeStoreError) { try assembly.add(chunk) } catch { return fail(error) }
      if assembly.isComplete { end(.success(assembly)) }
    }
  }

  func fail(_ error: CodeStoreError) { end(.failure(error)) }

  private func end(_ outcome: Swift.Result<ChunkAssembly, CodeStoreError>) {
    let ended = ended
    self.ended = nil
    ended?(outcome)
  }
}
