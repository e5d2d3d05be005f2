internal import EventLoop
internal import PartitionLog

/// An answer that goes out in pieces, as the client takes them: what is read from the log is never held as a whole. Used on the
/// connection's loop alone, but for ``read(_:)``, during which nobody else uses it: hence Sendable.
final class PiecedAnswer: @unchecked Sendable {
  /// What an answer consists of.
  enum Part {
    case bytes(ArraySlice<UInt8>)
    case records(LogSlice)
  }

  private var parts: ArraySlice<Part>
  private var sentOfFirst = 0
  private let pieceByteCount: Int
  private let pool: BlockingPool

  init(_ parts: [Part], pieceByteCount: Int, pool: BlockingPool) {
    precondition(pieceByteCount > 0)
    self.parts = parts[...]
    self.pieceByteCount = pieceByteCount
    self.pool = pool
  }

  /// What a piece came to.
  enum Progress: Equatable {
    case more
    case done
    /// The disk has to be looked at: nothing was added.
    case blocked
  }

  /// Adds the next piece to the output.
  ///
  /// - Throws: ``PartitionLogError`` where the log cannot be read: the answer cannot be finished.
  func next(_ reach: ReadReach, into output: inout [UInt8]) throws(PartitionLogError) -> Progress {
    let end = output.count + pieceByteCount
    while output.count < end, let part = parts.first {
      switch part {
      case .bytes(let bytes):
        output += bytes
        pass()
      case .records(let slice):
        let count = min(slice.byteLimit - sentOfFirst, end - output.count)
        guard try slice.copy(sentOfFirst..<sentOfFirst + count, reach, into: &output) else {
          // What was added before it goes out first.
          return output.count + pieceByteCount > end ? .more : .blocked
        }
        sentOfFirst += count
        if sentOfFirst == slice.byteLimit { pass() }
      }
    }
    return parts.isEmpty ? .done : .more
  }

  private func pass() {
    parts.removeFirst()
    sentOfFirst = 0
  }

  /// The next piece from the disk, on a thread of the pool's.
  func read() async throws -> (piece: [UInt8], progress: Progress) {
    try await pool.run { [self] in
      var piece: [UInt8] = []
      let progress = try next(.disk, into: &piece)
      return (piece, progress)
    }
  }
}
