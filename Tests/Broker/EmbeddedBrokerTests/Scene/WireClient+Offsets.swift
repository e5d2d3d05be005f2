import KafkaWire
import Testing

/// What tests ask of a partition's offsets.
extension WireClient {
  /// Asks for the offset of a time; negative ones are the questions for the ends.
  func listOffsets(
    _ topic: String, _ partition: Int32 = 0, at timestamp: Int64, currentEpoch: Int32 = -1, version: Int16 = 7
  ) throws -> ListOffsetsResponse.PartitionResponse {
    let response = try ask(
      ListOffsetsRequest { request in
        request.topics = [
          ListOffsetsRequest.Topic { wanted in
            wanted.name = topic
            wanted.partitions = [
              ListOffsetsRequest.Partition {
                $0.partitionIndex = partition
                $0.currentLeaderEpoch = currentEpoch
                $0.timestamp = timestamp
              }
            ]
          }
        ]
      }, version: version)
    return try #require(response.topics.first?.partitions.first)
  }

  /// Deletes the records of a partition before an offset; where it begins then.
  func deleteRecords(_ topic: String, before offset: Int64) throws -> Int64? {
    let request = DeleteRecordsRequest { request in
      request.timeoutMilliseconds = 10_000
      request.topics = [
        DeleteRecordsRequest.Topic {
          $0.name = topic
          $0.partitions = [DeleteRecordsRequest.Partition { $0.offset = offset }]
        }
      ]
    }
    return try ask(request, version: 2).topics.first?.partitions.first?.lowWatermark
  }
}
