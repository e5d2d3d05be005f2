internal import CRdKafka
internal import LogRecords

/// The library's list of partitions with offsets, owned.
/// `@safe`: the pointer is made in init and freed in deinit, and never handed out beyond a call.
@safe struct PartitionList: ~Copyable {
  let raw: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

  init() { unsafe raw = rd_kafka_topic_partition_list_new(8) }

  init(_ partitions: some Sequence<TopicPartition>) {
    self.init()
    for partition in partitions { add(partition) }
  }

  /// Takes over a list that the library has made.
  init(owning raw: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) { unsafe self.raw = unsafe raw }

  deinit { unsafe rd_kafka_topic_partition_list_destroy(raw) }

  /// Adds a partition; the metadata is copied into memory that the library frees with the list.
  func add(_ partition: TopicPartition, offset: Int64? = nil, metadata: String? = nil) {
    let element = unsafe rd_kafka_topic_partition_list_add(raw, partition.topic, partition.partition)!
    if let offset { unsafe element.pointee.offset = offset }
    guard var metadata, !metadata.isEmpty else { return }
    metadata.withUTF8 { text in
      let copy = unsafe rd_kafka_mem_malloc(nil, text.count)!
      unsafe copy.copyMemory(from: text.baseAddress!, byteCount: text.count)
      unsafe element.pointee.metadata = unsafe copy
      unsafe element.pointee.metadata_size = text.count
    }
  }

  var elements: [PartitionListElement] { unsafe PartitionList.elements(of: raw) }

  /// What a list of the library's holds, copied.
  static func elements(of raw: UnsafePointer<rd_kafka_topic_partition_list_t>) -> [PartitionListElement] {
    unsafe (0..<Int(raw.pointee.cnt)).map { index in
      let element = unsafe raw.pointee.elems[index]
      var metadata: String?
      if let start = unsafe element.metadata, unsafe element.metadata_size > 0 {
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: element.metadata_size)
        metadata = unsafe String(decoding: bytes, as: UTF8.self)
      }
      return unsafe PartitionListElement(
        partition: TopicPartition(String(cString: element.topic), element.partition), offset: element.offset,
        metadata: metadata, error: element.err)
    }
  }
}

/// One partition of a list: offset, commit metadata and error as the library left them.
struct PartitionListElement {
  let partition: TopicPartition
  let offset: Int64
  let metadata: String?
  let error: rd_kafka_resp_err_t
}
