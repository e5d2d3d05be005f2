/// How the records of a batch are compressed, by Kafka's number.
package enum RecordCompression: Int16, CaseIterable, Sendable {
  case none = 0
  case gzip = 1
  case snappy = 2
  case lz4 = 3
  case zstd = 4
}
