/// What others are told of a producer that numbers its batches.
package struct ActiveProducer: Sendable, Equatable {
  /// Its identifier.
  package let id: Int64
  /// Its epoch.
  package let epoch: Int16
  /// The sequence number of its last record; −1 where none is known.
  package let lastSequence: Int32
  /// The time of its last batch, in milliseconds since 1970 UTC.
  package let lastTimestamp: Int64
}

extension PartitionLog {
  /// The producers whose sequence is remembered, by identifier.
  package var activeProducers: [ActiveProducer] {
    producers.producers.sorted { $0.key < $1.key }.map { id, state in
      ActiveProducer(
        id: id, epoch: state.epoch, lastSequence: state.batches.last?.lastSequence ?? -1,
        lastTimestamp: state.lastTimestamp)
    }
  }
}
