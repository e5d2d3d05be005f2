import LogContracts
import LogRecords
import MillraceDomain

/// Decodes a record of any topic and encodes it again.
enum TopicCodec {
  static func reencoded(_ record: ConsumedRecord) throws -> OutgoingRecord {
    let partition = record.position.partition.partition
    let context = RecordContext(
      source: record.headers.text(of: "ce_source") ?? "", traceParent: record.headers.text(of: "ce_traceparent"),
      causationID: record.headers.text(of: "ce_causationid"))
    switch record.position.partition.topic {
    case TopicDeclaration.tasks.name: return try TaskRecord(decoding: record).encoded(partition: partition)
    case TopicDeclaration.results.name:
      return try AttemptOutcome(decodingResult: record).encodedResult(taskPartition: partition, context: context)
    case TopicDeclaration.replies.name:
      let gateway = try ComponentID(String(decoding: record.key ?? [], as: UTF8.self))
      return try AttemptOutcome(decodingReply: record)
        .encodedReply(to: TaskRecord.Reply(gateway: gateway, partition: partition), context: context)
    case TopicDeclaration.logs.name:
      return try OutputRecord(decoding: record).encoded(taskPartition: partition, context: context)
    case TopicDeclaration.submissions.name: return try SubmissionRecord(decoding: record).encoded(context: context)
    case TopicDeclaration.code.name:
      return try CodeChunkRecord(decoding: record).encoded(partition: partition, context: context)
    case TopicDeclaration.functions.name: return try CatalogueChangeRecord(decoding: record).encoded(context: context)
    case TopicDeclaration.deadLetters.name: return try DeadLetterRecord(decoding: record).encoded(context: context)
    case TopicDeclaration.executors.name: return try ExecutorRecord(decoding: record).encoded(context: context)
    default: throw UnknownTopic(name: record.position.partition.topic)
    }
  }

  struct UnknownTopic: Error { let name: String }
}
