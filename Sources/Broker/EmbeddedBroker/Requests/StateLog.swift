package import KafkaWire
package import PartitionLog

/// Where a coordinator's state is kept, as the records that have made it.
package protocol StateLog: Sendable {
  /// Appends one batch; `durable` is called once it is, from any thread, in the order of the batches.
  ///
  /// - Throws: where it is refused: nothing is appended.
  func append(
    _ batch: [UInt8], nowMilliseconds now: Int64, durable: @escaping @Sendable () -> Void
  ) throws(PartitionLogError)

  /// The offset of the next record.
  var endOffset: Int64 { get }

  /// Hands over every record from the start, in order. Blocks: not on a loop.
  func replay(_ body: (Record) throws -> Void) throws

  /// Forgets what stands before an offset: everything it said stands again behind it. Blocks.
  func forget(before offset: Int64, nowMilliseconds now: Int64) throws
}
