import LogRecords
import Testing

/// Records say where they stand, and keep "none" and "empty" apart.
@Suite struct RecordsTests {
  @Test("a position reads as topic, partition and offset")
  func descriptions() {
    let partition = TopicPartition("millrace.tasks", 3)
    #expect(partition.description == "millrace.tasks[3]")
    #expect(RecordPosition(partition, offset: 42).description == "millrace.tasks[3]@42")
  }

  @Test("a missing key is not the empty key, and a tombstone not an empty value")
  func nothingIsNotEmpty() {
    let none = OutgoingRecord(topic: "t", key: nil, value: nil, headers: RecordHeaders())
    #expect(none.partition == nil)
    #expect(none != OutgoingRecord(topic: "t", key: [], value: nil, headers: RecordHeaders()))
    #expect(none != OutgoingRecord(topic: "t", key: nil, value: [], headers: RecordHeaders()))
    let position = RecordPosition(TopicPartition("t", 0), offset: 0)
    let read = ConsumedRecord(
      position: position, timestampMilliseconds: 0, key: nil, value: nil, headers: RecordHeaders())
    #expect(
      read
        != ConsumedRecord(position: position, timestampMilliseconds: 0, key: nil, value: [], headers: RecordHeaders()))
  }
}
