internal import CRdKafka
internal import Glibc
internal import LogRecords

/// Turns the library's messages into records: each key, value and set of headers is copied once.
enum MessageDecoding {
  static func record(_ message: UnsafePointer<rd_kafka_message_t>, in partition: TopicPartition) -> ConsumedRecord {
    let timestamp = unsafe rd_kafka_message_timestamp(message, nil)
    return ConsumedRecord(
      position: RecordPosition(partition, offset: unsafe message.pointee.offset), timestampMilliseconds: timestamp,
      key: unsafe bytes(message.pointee.key, message.pointee.key_len),
      value: unsafe bytes(message.pointee.payload, message.pointee.len), headers: unsafe headers(message))
  }

  private static func bytes(_ start: UnsafeMutableRawPointer?, _ count: Int) -> [UInt8]? {
    guard let start = unsafe start else { return nil }
    return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  private static func headers(_ message: UnsafePointer<rd_kafka_message_t>) -> RecordHeaders {
    var headers = RecordHeaders()
    var list: OpaquePointer?
    guard unsafe rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list = unsafe list else {
      return headers
    }
    let count = unsafe rd_kafka_header_cnt(list)
    headers.reserve(fields: count, bytes: count * 48)
    for index in 0..<count {
      var name: UnsafePointer<CChar>?
      var value: UnsafeRawPointer?
      var size = 0
      let found = unsafe rd_kafka_header_get_all(list, index, &name, &value, &size)
      guard found == RD_KAFKA_RESP_ERR_NO_ERROR, let name = unsafe name else { break }
      unsafe headers.append(
        nameBytes: UnsafeRawBufferPointer(start: name, count: strlen(name)),
        valueBytes: UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size))
    }
    return headers
  }
}
