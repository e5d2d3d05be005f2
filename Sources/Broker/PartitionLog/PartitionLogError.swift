package import KafkaWire

/// Why a partition does not do what it was asked.
package struct PartitionLogError: Error, Equatable, CustomStringConvertible {
  /// What Kafka answers for it.
  package let code: ErrorCode
  /// What was wrong, and with what.
  package let message: String

  package init(_ code: ErrorCode, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The file system has refused: the partition is as it was, and the caller may try again.
  init(_ error: FileError) { self.init(.kafkaStorageError, "\(error)") }

  package var description: String { message }
}
