internal import KafkaWire

/// Who appends.
package enum AppendOrigin: Sendable, Equatable {
  /// Whoever has a connection.
  case client
  /// The broker itself.
  case broker
}

/// Decides whether a batch is taken. Pure.
enum AppendRules {
  /// The one batch that the bytes are.
  ///
  /// - Throws: ``PartitionLogError`` with the code that Kafka answers, in the order in which Kafka looks.
  static func check(
    _ bytes: ArraySlice<UInt8>, _ options: LogOptions, origin: AppendOrigin, nowMilliseconds now: Int64
  ) throws(PartitionLogError) -> RecordBatch {
    let batch = try onlyBatch(bytes)
    guard batch.baseOffset == 0 || origin == .broker else {
      throw PartitionLogError(.invalidRecord, "the batch begins with the offset \(batch.baseOffset), not 0")
    }
    guard batch.byteCount <= options.maximumMessageBytes else {
      throw PartitionLogError(
        .messageTooLarge, "the batch has \(batch.byteCount) bytes, and the topic takes \(options.maximumMessageBytes)")
    }
    guard batch.isChecksumValid else { throw PartitionLogError(.corruptMessage, "the batch's checksum is wrong") }
    if let contradiction = batch.contradiction { throw PartitionLogError(.invalidRecord, contradiction) }
    if origin == .client {
      guard !batch.isControl else { throw PartitionLogError(.invalidRecord, "control batches are the broker's own") }
      guard !batch.isTransactional else {
        throw PartitionLogError(.invalidTransactionState, "the batch is of a transaction, and none is open")
      }
      guard batch.producerID < 0 || batch.baseSequence >= 0 else {
        throw PartitionLogError(.invalidRecord, "producer \(batch.producerID) does not number its records")
      }
    }
    guard Int64(batch.byteCount) <= options.segmentBytes else {
      throw PartitionLogError(
        .recordListTooLarge, "the batch has \(batch.byteCount) bytes, and a segment \(options.segmentBytes)")
    }
    try checkTime(batch, options, now)
    try checkRecords(batch, options)
    return batch
  }

  private static func onlyBatch(_ bytes: ArraySlice<UInt8>) throws(PartitionLogError) -> RecordBatch {
    guard !bytes.isEmpty else { throw PartitionLogError(.invalidRecord, "there is no batch") }
    let batch: RecordBatch
    do throws(WireError) { batch = try RecordBatch(firstOf: bytes) } catch {
      throw PartitionLogError(.invalidRecord, error.message)
    }
    guard batch.byteCount == bytes.count else {
      throw PartitionLogError(.invalidRecord, "there is more than one batch for the partition")
    }
    return batch
  }

  private static func checkTime(
    _ batch: RecordBatch, _ options: LogOptions, _ now: Int64
  ) throws(PartitionLogError) {
    guard options.timestampType == .createTime else { return }
    let (ahead, behind) = (
      batch.maxTimestamp.subtractingReportingOverflow(now), now.subtractingReportingOverflow(batch.baseTimestamp)
    )
    guard !ahead.overflow, ahead.partialValue <= options.timestampAfterMaximumMilliseconds else {
      throw PartitionLogError(.invalidTimestamp, "the time \(batch.maxTimestamp) lies too far ahead")
    }
    guard !behind.overflow, behind.partialValue <= options.timestampBeforeMaximumMilliseconds else {
      throw PartitionLogError(.invalidTimestamp, "the time \(batch.baseTimestamp) lies too far back")
    }
  }

  /// Looks at the records one by one where they can be read as they are; what is compressed is taken as it comes.
  private static func checkRecords(_ batch: RecordBatch, _ options: LogOptions) throws(PartitionLogError) {
    guard batch.compression == RecordCompression.none else { return }
    guard Int64(batch.recordCount) * Int64(LogLimits.smallestRecordBytes) <= Int64(batch.payload.count) else {
      throw PartitionLogError(
        .invalidRecord, "\(batch.recordCount) records do not fit into \(batch.payload.count) bytes")
    }
    do throws(WireError) {
      var reader = try RecordReader(batch)
      var expected = batch.baseOffset
      while let record = try reader.next() {
        guard record.offset == expected else {
          throw WireError(.malformedBatch, "a record has the number \(record.offset - batch.baseOffset) out of turn")
        }
        if options.cleanup.contains(.compact), record.key == nil {
          throw WireError(.malformedBatch, "a record has no key, which a compacted topic needs")
        }
        expected += 1
      }
    } catch {
      throw PartitionLogError(.invalidRecord, error.message)
    }
  }
}
