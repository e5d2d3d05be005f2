internal import LogRecords
internal import MillraceDomain

/// Names of headers: CloudEvents 1.0, Kafka binary mode (`ce_` and the attribute's name, which is lower-case letters and
/// digits), and our extension attributes.
package enum HeaderName {
  package static let specificationVersion = "ce_specversion"
  package static let id = "ce_id"
  package static let source = "ce_source"
  package static let type = "ce_type"
  package static let time = "ce_time"
  package static let subject = "ce_subject"
  package static let traceParent = "ce_traceparent"
  package static let contentType = "content-type"
  package static let schemaVersion = "ce_schemaversion"
  package static let causationID = "ce_causationid"
  package static let namespace = "ce_namespace"
  package static let function = "ce_function"
  package static let functionVersion = "ce_functionversion"
  package static let invocationID = "ce_invocationid"
  package static let attempt = "ce_attempt"
  package static let catalogueIndex = "ce_catalogueindex"
  package static let replyTo = "ce_replyto"
  package static let replyPartition = "ce_replypartition"
  package static let status = "ce_status"
  package static let errorType = "ce_errortype"
  package static let errorMessage = "ce_errormessage"
  package static let submittedAt = "ce_submittedat"
  package static let startedAt = "ce_startedat"
  package static let finishedAt = "ce_finishedat"
  package static let durationMicroseconds = "ce_durationus"
  package static let initMicroseconds = "ce_initus"
  package static let billedMilliseconds = "ce_billedms"
  package static let memoryMebibytes = "ce_memorymib"
  package static let maximumMemoryMebibytes = "ce_maxmemorymib"
  package static let taskOffset = "ce_taskoffset"
  package static let executor = "ce_executor"
  package static let sequence = "ce_sequence"
  package static let phase = "ce_phase"
  package static let reason = "ce_reason"
  package static let reasonCode = "ce_reasoncode"
  package static let originTopic = "ce_origintopic"
  package static let originPartition = "ce_originpartition"
  package static let originOffset = "ce_originoffset"
  package static let changePosition = "ce_changeposition"
  package static let changeCount = "ce_changecount"
  package static let digest = "ce_digest"
  package static let chunk = "ce_chunk"
  package static let chunkCount = "ce_chunkcount"
  /// Which parts of its original a dead letter leaves out.
  package static let originalOmitted = "ce_originalomitted"
  /// What the headers of a dead letter's original are prefixed with.
  package static let originalPrefix = "original-"
}

/// What every record says of itself besides its own fields.
package struct RecordContext: Hashable, Sendable {
  /// Who wrote it: a URI reference such as `/millrace/gateway/host-4711` (CloudEvents `source`).
  package var source: String
  /// W3C `traceparent`, where there is a trace.
  package var traceParent: String?
  /// The id of the record that this one follows from, where there is one.
  package var causationID: String?

  /// A context from its parts.
  package init(source: String, traceParent: String? = nil, causationID: String? = nil) {
    self.source = source
    self.traceParent = traceParent
    self.causationID = causationID
  }
}

extension RecordHeaders {
  /// The attributes that all records of a topic begin with.
  init(_ topic: TopicDeclaration, id: String, context: RecordContext, contentType: String?) {
    self.init()
    reserve(fields: 24, bytes: 512)
    append(HeaderName.specificationVersion, "1.0")
    append(HeaderName.id, id)
    append(HeaderName.source, context.source)
    append(HeaderName.type, topic.recordType)
    append(HeaderName.schemaVersion, topic.schemaVersion)
    if let contentType { append(HeaderName.contentType, contentType) }
    if let traceParent = context.traceParent { append(HeaderName.traceParent, traceParent) }
    if let causationID = context.causationID { append(HeaderName.causationID, causationID) }
  }

  mutating func append(_ name: String, optional value: String?) {
    if let value { append(name, value) }
  }
}

/// Reads the headers of one record, and words what is wrong with them.
struct HeaderReader {
  let headers: RecordHeaders
  let source: String

  /// - Throws: ``ContractError`` where the record is no CloudEvent of the topic's type and version.
  init(_ record: ConsumedRecord, of topic: TopicDeclaration) throws(ContractError) {
    headers = record.headers
    source = try HeaderReader.text(HeaderName.source, in: record.headers)
    guard !source.isEmpty else { throw ContractError(.badHeader, "ce_source is empty") }
    let specification = try text(HeaderName.specificationVersion)
    guard specification == "1.0" else {
      throw ContractError(.badHeader, "ce_specversion is '\(specification.prefix(20))'; only 1.0 is known")
    }
    let type = try text(HeaderName.type)
    guard type == topic.recordType else {
      throw ContractError(.wrongType, "ce_type is '\(type.prefix(80))'; \(topic.name) carries '\(topic.recordType)'")
    }
    let version = try text(HeaderName.schemaVersion)
    guard version == String(topic.schemaVersion) else {
      throw ContractError(
        .unknownSchemaVersion, "ce_schemaversion is '\(version.prefix(20))'; this reader knows \(topic.schemaVersion)")
    }
    guard let id = headers.bytes(of: HeaderName.id) else { throw ContractError(.missingHeader, "ce_id is missing") }
    guard !id.isEmpty else { throw ContractError(.badHeader, "ce_id is empty") }
  }

  var context: RecordContext {
    RecordContext(
      source: source, traceParent: headers.text(of: HeaderName.traceParent),
      causationID: headers.text(of: HeaderName.causationID))
  }

  func optionalText(_ name: String) throws(ContractError) -> String? {
    try HeaderReader.optionalText(name, in: headers)
  }

  func text(_ name: String) throws(ContractError) -> String { try HeaderReader.text(name, in: headers) }

  private static func optionalText(_ name: String, in headers: RecordHeaders) throws(ContractError) -> String? {
    guard let bytes = headers.bytes(of: name) else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ContractError(.badHeader, "\(name) is not UTF-8")
    }
    return text
  }

  private static func text(_ name: String, in headers: RecordHeaders) throws(ContractError) -> String {
    guard let text = try optionalText(name, in: headers) else {
      throw ContractError(.missingHeader, "\(name) is missing")
    }
    return text
  }

  func optionalNumber(_ name: String) throws(ContractError) -> Int64? {
    guard let text = try optionalText(name) else { return nil }
    guard let number = Int64(text) else {
      throw ContractError(.badHeader, "\(name) is '\(text.prefix(40))'; a decimal number is expected")
    }
    return number
  }

  func number(_ name: String) throws(ContractError) -> Int64 {
    guard let number = try optionalNumber(name) else { throw ContractError(.missingHeader, "\(name) is missing") }
    return number
  }

  /// A number that may not be below 0: an offset, an index.
  func count(_ name: String) throws(ContractError) -> Int64 {
    let number = try number(name)
    guard number >= 0 else { throw ContractError(.badHeader, "\(name) is \(number); at least 0 is expected") }
    return number
  }

  func partition(_ name: String) throws(ContractError) -> Int32 {
    let number = try number(name)
    guard number >= 0, let partition = Int32(exactly: number) else {
      throw ContractError(.badHeader, "\(name) is \(number); a partition number is expected")
    }
    return partition
  }

  /// A value of the domain from a header's text; its own message says what is wrong.
  func value<Value>(
    _ name: String, _ make: (String) throws(DomainError) -> Value
  ) throws(ContractError) -> Value {
    let text = try text(name)
    do throws(DomainError) { return try make(text) } catch {
      throw ContractError(.badHeader, "\(name): \(error.message)")
    }
  }

  func invocationID(_ name: String) throws(ContractError) -> InvocationID {
    let text = try text(name)
    guard let id = InvocationID(text) else {
      throw ContractError(.badHeader, "\(name) is '\(text.prefix(80))'; a UUID of version 7 is expected")
    }
    return id
  }

  func namespace() throws(ContractError) -> NamespaceName {
    guard headers.bytes(of: HeaderName.namespace) != nil else { return .standard }
    return try value(HeaderName.namespace, NamespaceName.init)
  }

  /// The attempt of a task, which may leave it to be the first.
  func optionalAttempt() throws(ContractError) -> AttemptNumber {
    headers.bytes(of: HeaderName.attempt) == nil ? .first : try attempt()
  }

  func attempt() throws(ContractError) -> AttemptNumber {
    let number = try number(HeaderName.attempt)
    do throws(DomainError) { return try AttemptNumber(number) } catch {
      throw ContractError(.badHeader, "ce_attempt: \(error.message)")
    }
  }

  func optionalVersion() throws(ContractError) -> VersionNumber? {
    guard let number = try optionalNumber(HeaderName.functionVersion) else { return nil }
    guard let version = Int32(exactly: number) else {
      throw ContractError(.badHeader, "ce_functionversion is \(number); a version number is expected")
    }
    do throws(DomainError) { return try VersionNumber(version) } catch {
      throw ContractError(.badHeader, "ce_functionversion: \(error.message)")
    }
  }
}
