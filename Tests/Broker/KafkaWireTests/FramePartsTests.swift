import KafkaWire
import SimulationKit
import Testing

/// A fetch's answer whose records stand elsewhere has the bytes of one that holds them: random answers, in every version.
@Suite("Parts of a frame") struct FramePartsTests {
  @Test("The parts with the records between them are the frame", arguments: APITable.entry(for: .fetch).versions)
  func partsAreTheFrame(_ version: Int16) throws {
    try SeededProperty.holds(forSeeds: 30) { generator in
      var counts: [Int] = []
      var records: [ArraySlice<UInt8>] = []
      let response = FetchResponse { response in
        response.responses = (0..<Int.random(in: 0...3, using: &generator)).map { topic in
          FetchResponse.TopicResponse { found in
            found.topic = "topic-\(topic)"
            found.partitions = (0..<Int.random(in: 0...3, using: &generator)).map { index in
              FetchResponse.PartitionData {
                $0.partitionIndex = Int32(index)
                $0.abortedTransactions = generator.isOne(in: 2) ? [] : nil
                $0.records = generator.bytes(count: 0...300)[...]
                records.append($0.records ?? [])
                counts.append(records[records.count - 1].count)
              }
            }
          }
        }
      }
      var whole: [UInt8] = []
      try response.encodeFrame(answering: 7, version: version, into: &whole)
      let parts = try response.frameParts(answering: 7, version: version, recordByteCounts: counts)
      var joined = Array(parts[0])
      for (part, records) in zip(parts.dropFirst(), records) { joined += records + part }
      try SeededProperty.claim(joined == whole, "\(joined) is not \(whole)")
    }
  }
}
