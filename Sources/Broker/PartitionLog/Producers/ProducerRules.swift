internal import KafkaWire

/// Decides whether a numbered batch is new, comes again, or is out of order. Pure; the rules are those that Kafka was seen to keep.
enum ProducerRules {
  enum Verdict: Equatable {
    case new
    /// It was appended before, there.
    case repeated(ProducerState.Batch)
  }

  /// - Parameter state: what is known of the producer; nil where it is unknown, and then any number is taken.
  static func judge(
    _ state: ProducerState?, producerID: Int64, epoch: Int16, firstSequence: Int32, lastSequence: Int32
  ) throws(PartitionLogError) -> Verdict {
    guard let state else { return .new }
    guard epoch >= state.epoch else {
      throw PartitionLogError(
        .invalidProducerEpoch, "producer \(producerID) has the epoch \(epoch), and \(state.epoch) has been seen")
    }
    if epoch > state.epoch {
      guard firstSequence == 0 else {
        throw outOfOrder(producerID, "the new epoch \(epoch) begins with the number \(firstSequence), not 0")
      }
      return .new
    }
    let twin = state.batches.last { $0.firstSequence == firstSequence && $0.lastSequence == lastSequence }
    if let twin { return .repeated(twin) }
    guard let last = state.batches.last else { return .new }
    let expected = last.lastSequence == .max ? 0 : last.lastSequence + 1
    guard firstSequence == expected else {
      throw outOfOrder(producerID, "number \(expected) is expected, and the batch begins with \(firstSequence)")
    }
    return .new
  }

  private static func outOfOrder(_ producerID: Int64, _ why: String) -> PartitionLogError {
    PartitionLogError(.outOfOrderSequenceNumber, "producer \(producerID): \(why)")
  }
}
