package import LogRecords
package import MillraceDomain

/// One invocation to run (topic `tasks`). The value is the event, untouched.
///
/// A producer of its own needs `ce_specversion`, `ce_id` (a UUIDv7), `ce_source`, `ce_type`, `ce_schemaversion` and
/// `ce_function`; all else has a default.
package struct TaskRecord: Hashable, Sendable {
  /// Where the outcome goes for a caller that waits.
  package struct Reply: Hashable, Sendable {
    /// The gateway that waits.
    package var gateway: ComponentID
    /// The partition of `replies` it reads.
    package var partition: Int32

    /// A reply address from its parts.
    package init(gateway: ComponentID, partition: Int32) {
      self.gateway = gateway
      self.partition = partition
    }
  }

  /// The largest event, in bytes: Lambda's 6 MiB.
  package static let largestEventBytes = 6 << 20

  /// The invocation; also the record's `ce_id`.
  package var invocation: InvocationID
  /// Whose function. Default: `default`.
  package var namespace: NamespaceName
  /// The function.
  package var function: FunctionName
  /// The version to run; nil: whatever is newest when it runs.
  package var version: VersionNumber?
  /// Which attempt this is. Default: 1.
  package var attempt: AttemptNumber
  /// The executor's view of the catalogue must have reached this index before it decides. Default: 0, any will do.
  package var catalogueIndex: CatalogueIndex
  /// Where a caller waits, if one does.
  package var reply: Reply?
  /// What is to be kept in order: the record's key. Default: none, the record's key is the invocation id.
  package var orderingKey: [UInt8]?
  /// What kind of bytes the event is. Default: `application/json`.
  package var contentType: String
  /// The event's bytes, at most ``largestEventBytes``.
  package var event: [UInt8]
  /// Source and trace.
  package var context: RecordContext

  /// A task from its parts.
  package init(
    invocation: InvocationID, namespace: NamespaceName = .standard, function: FunctionName, version: VersionNumber?,
    attempt: AttemptNumber = .first, catalogueIndex: CatalogueIndex, reply: Reply?, orderingKey: [UInt8]? = nil,
    contentType: String = "application/json", event: [UInt8], context: RecordContext
  ) {
    self.invocation = invocation
    self.namespace = namespace
    self.function = function
    self.version = version
    self.attempt = attempt
    self.catalogueIndex = catalogueIndex
    self.reply = reply
    self.orderingKey = orderingKey
    self.contentType = contentType
    self.event = event
    self.context = context
  }

  /// The record for a partition of `tasks`, or for whichever its key chooses.
  package func encoded(partition: Int32?) -> OutgoingRecord {
    let id = invocation.description
    var headers = RecordHeaders(.tasks, id: id, context: context, contentType: contentType)
    headers.append(HeaderName.namespace, namespace.text)
    headers.append(HeaderName.function, function.text)
    if let version { headers.append(HeaderName.functionVersion, Int64(version.number)) }
    headers.append(HeaderName.attempt, Int64(attempt.number))
    headers.append(HeaderName.catalogueIndex, Int64(clamping: catalogueIndex.number))
    if let reply {
      headers.append(HeaderName.replyTo, reply.gateway.text)
      headers.append(HeaderName.replyPartition, Int64(reply.partition))
    }
    return OutgoingRecord(
      topic: TopicDeclaration.tasks.name, partition: partition, key: orderingKey ?? Array(id.utf8), value: event,
      headers: headers)
  }

  /// - Throws: ``ContractError``: the record is for `deadletters`.
  package init(decoding record: ConsumedRecord) throws(ContractError) {
    let reader = try HeaderReader(record, of: .tasks)
    let invocation = try reader.invocationID(HeaderName.id)
    self.invocation = invocation
    namespace = try reader.namespace()
    function = try reader.value(HeaderName.function, FunctionName.init)
    version = try reader.optionalVersion()
    attempt = try reader.optionalAttempt()
    catalogueIndex = try TaskRecord.catalogueIndex(reader)
    reply = try TaskRecord.reply(reader)
    orderingKey = record.key.flatMap { $0.elementsEqual(invocation.description.utf8) ? nil : $0 }
    contentType = try reader.optionalText(HeaderName.contentType) ?? "application/json"
    guard let value = record.value else {
      throw ContractError(.badValue, "a task has an event; this record is a tombstone")
    }
    guard value.count <= TaskRecord.largestEventBytes else {
      throw ContractError(
        .badValue, "the event has \(value.count) bytes; \(TaskRecord.largestEventBytes) are the most")
    }
    event = value
    context = reader.context
  }

  private static func reply(_ reader: HeaderReader) throws(ContractError) -> Reply? {
    guard reader.headers.bytes(of: HeaderName.replyPartition) != nil else { return nil }
    let partition = try reader.partition(HeaderName.replyPartition)
    return Reply(gateway: try reader.value(HeaderName.replyTo, ComponentID.init), partition: partition)
  }

  private static func catalogueIndex(_ reader: HeaderReader) throws(ContractError) -> CatalogueIndex {
    guard reader.headers.bytes(of: HeaderName.catalogueIndex) != nil else { return CatalogueIndex(0) }
    return CatalogueIndex(UInt64(try reader.count(HeaderName.catalogueIndex)))
  }
}
