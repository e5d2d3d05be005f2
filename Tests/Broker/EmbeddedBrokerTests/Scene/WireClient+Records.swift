import Glibc
import KafkaWire
import Testing

/// What most tests ask a broker.
extension WireClient {
  /// Makes a topic.
  func make(_ name: String, partitions: Int32 = 1, configs: [String: String] = [:]) throws {
    let response = try ask(
      CreateTopicsRequest { request in
        request.timeoutMilliseconds = 10_000
        request.topics = [
          CreateTopicsRequest.Topic { topic in
            topic.name = name
            topic.numPartitions = partitions
            topic.replicationFactor = 1
            topic.configs = configs.map { config in
              CreateTopicsRequest.Config {
                $0.name = config.key
                $0.value = config.value
              }
            }
          }
        ]
      }, version: 5)
    #expect(response.topics.map(\.errorCode) == [.none])
  }

  /// The time now, in milliseconds since 1970: producers whose records are old are forgotten at a start.
  static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000
  }

  /// A batch of records with the values; their times are given, or now.
  static func batch(
    _ values: [[UInt8]], at times: [Int64]? = nil, _ change: (inout RecordBatchBuilder) -> Void = { _ in }
  ) -> [UInt8] {
    var builder = RecordBatchBuilder()
    let time = now
    for (index, value) in values.enumerated() {
      builder.append(key: nil, value: value[...], timestamp: times?[index] ?? time)
    }
    change(&builder)
    return builder.finish()
  }

  /// A batch of one record of so many bytes.
  static func batch(valueBytes: Int) -> [UInt8] { batch([[UInt8](repeating: 0x61, count: valueBytes)]) }

  static func produceRequest(
    _ records: [UInt8]?, to topic: String, _ partition: Int32 = 0, acks: Int16 = -1
  ) -> ProduceRequest {
    ProduceRequest { request in
      request.acks = acks
      request.timeoutMilliseconds = 10_000
      request.topicData = [
        ProduceRequest.TopicData { data in
          data.name = topic
          data.partitionData = [
            ProduceRequest.PartitionData {
              $0.index = partition
              $0.records = records.map { $0[...] }
            }
          ]
        }
      ]
    }
  }

  /// Appends a batch and gives what the partition answers.
  func produce(
    _ records: [UInt8]?, to topic: String, _ partition: Int32 = 0, acks: Int16 = -1, version: Int16 = 7
  ) throws -> ProduceResponse.PartitionResponse {
    let response = try ask(Self.produceRequest(records, to: topic, partition, acks: acks), version: version)
    return try #require(response.responses.first?.partitionResponses.first)
  }

  static func fetchRequest(
    _ topic: String, _ partition: Int32 = 0, from offset: Int64 = 0, maxBytes: Int32 = 1 << 20, minBytes: Int32 = 1,
    waitMilliseconds: Int32 = 0, isolation: Int8 = 0
  ) -> FetchRequest {
    FetchRequest { request in
      request.maxWaitMilliseconds = waitMilliseconds
      request.minBytes = minBytes
      request.maxBytes = maxBytes
      request.isolationLevel = isolation
      request.topics = [
        FetchRequest.Topic { wanted in
          wanted.topic = topic
          wanted.partitions = [
            FetchRequest.Partition {
              $0.partition = partition
              $0.fetchOffset = offset
              $0.partitionMaxBytes = maxBytes
            }
          ]
        }
      ]
    }
  }

  /// Reads what a partition has, and gives what it answers.
  func fetch(
    _ topic: String, _ partition: Int32 = 0, from offset: Int64 = 0, maxBytes: Int32 = 1 << 20, minBytes: Int32 = 1,
    waitMilliseconds: Int32 = 0, isolation: Int8 = 0, version: Int16 = 11
  ) throws -> FetchResponse.PartitionData {
    let response = try ask(
      Self.fetchRequest(
        topic, partition, from: offset, maxBytes: maxBytes, minBytes: minBytes, waitMilliseconds: waitMilliseconds,
        isolation: isolation), version: version)
    #expect(response.errorCode == .none)
    #expect(response.sessionID == 0)
    return try #require(response.responses.first?.partitions.first)
  }
}

extension FetchResponse.PartitionData {
  /// The offsets of its batches' first records.
  var batchOffsets: [Int64] {
    get throws {
      var offsets: [Int64] = []
      var bytes = records ?? []
      while !bytes.isEmpty {
        let batch = try RecordBatch(firstOf: bytes)
        offsets.append(batch.baseOffset)
        bytes = bytes.dropFirst(batch.byteCount)
      }
      return offsets
    }
  }
}
