import LogContracts
import LogRecords
import MillraceDomain
import Testing

/// What the declarations promise each other.
@Suite struct TopicDeclarationTests {
  @Test("names and types are distinct and carry the prefix")
  func distinct() {
    let all = TopicDeclaration.all
    #expect(Set(all.map(\.name)).count == all.count)
    #expect(Set(all.map(\.recordType)).count == all.count)
    #expect(all.allSatisfy { $0.name.hasPrefix("millrace.") && $0.recordType.hasPrefix("millrace.") })
  }

  @Test("results and logs have the partitions of tasks, and none of them grows: their numbers refer to each other")
  func samePartitions() {
    #expect(TopicDeclaration.results.partitions == TopicDeclaration.tasks.partitions)
    #expect(TopicDeclaration.logs.partitions == TopicDeclaration.tasks.partitions)
    #expect([TopicDeclaration.tasks, .results, .logs, .functions, .code].allSatisfy { !$0.canGrow })
  }

  @Test("the catalogue's order is that of one partition")
  func onePartition() { #expect(TopicDeclaration.functions.partitions == 1) }

  @Test("what is only compacted has no age, and what is deleted has one")
  func retention() {
    for topic in TopicDeclaration.all { #expect((topic.retentionMilliseconds == nil) == (topic.cleanup == .compact)) }
  }

  @Test("results outlive their tasks, and a dead letter holds any record's parts")
  func sizesAndAges() throws {
    let (tasks, results) = (TopicDeclaration.tasks, TopicDeclaration.results)
    #expect(try #require(results.retentionMilliseconds) >= #require(tasks.retentionMilliseconds))
    let parts = DeadLetterRecord.Part.allCases.reduce(0) { $0 + $1.maximumBytes }
    #expect(parts < Int(TopicDeclaration.deadLetters.maximumMessageBytes))
    #expect(CodeChunkRecord.chunkBytes < Int(TopicDeclaration.code.maximumMessageBytes))
  }

  @Test("records go where their readers look: results and logs with their task, replies with their gateway")
  func addressing() throws {
    let samples = try SampleRecords.all()
    for sample in samples where [.results, .logs].contains(sample.topic) { #expect(sample.record.partition == 5) }
    for sample in samples where sample.topic == .replies {
      #expect(sample.record.partition == 3)
      #expect(sample.record.key?.text == "host-4711")
    }
  }
}
