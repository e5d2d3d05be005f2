package import LogRecords
package import MillraceDomain

/// A record that could not be processed, whole, with the true reason (topic `deadletters`).
package struct DeadLetterRecord: Hashable, Sendable {
  /// Where the original stands.
  package var origin: RecordPosition
  /// The kind of reason: a ``ContractError``'s code.
  package var reasonCode: String
  /// What was wrong, in words.
  package var reason: String
  /// The invocation, where the original names one.
  package var invocation: InvocationID?
  /// The function, where the original names one.
  package var function: FunctionName?
  /// The original's key.
  package var originalKey: [UInt8]?
  /// The original's value; nil where it was a tombstone.
  package var originalValue: [UInt8]?
  /// The original's headers.
  package var originalHeaders: RecordHeaders
  /// What of the original is not here because it was too large; it stands at `origin` for as long as its topic keeps it.
  package var omitted: Set<Part>

  /// The parts of an original. A record that would not fit into `deadletters` must not hold up its partition for ever, so
  /// each part has a limit, in bytes, beyond which it is left out.
  package enum Part: String, Sendable, CaseIterable {
    case headers, key, value

    /// The most that is carried, in bytes; of headers with our prefixes.
    package var maximumBytes: Int {
      switch self {
      case .headers: 256 * 1024
      case .key: 64 * 1024
      case .value: 8 * 1024 * 1024
      }
    }
  }

  /// The dead letter of a record that breaks its contract, or that cannot be done.
  package init(of record: ConsumedRecord, because error: ContractError) {
    origin = record.position
    reasonCode = error.code.name
    reason = error.message
    let id = record.headers.text(of: HeaderName.invocationID) ?? record.headers.text(of: HeaderName.id)
    invocation = id.flatMap { InvocationID($0) }
    function = record.headers.text(of: HeaderName.function).flatMap { try? FunctionName($0) }
    let byteCounts: [Part: Int] = [
      .headers: record.headers.byteCount + record.headers.count * HeaderName.originalPrefix.utf8.count,
      .key: record.key?.count ?? 0, .value: record.value?.count ?? 0,
    ]
    omitted = Set(byteCounts.filter { $0.value > $0.key.maximumBytes }.keys)
    originalKey = omitted.contains(.key) ? nil : record.key
    originalValue = omitted.contains(.value) ? nil : record.value
    originalHeaders = omitted.contains(.headers) ? RecordHeaders() : record.headers
  }

  /// The record for `deadletters`. Its `ce_id` is the origin's position, so that a repeat is seen as one. The key is the
  /// original's; the headers of the original follow ours, each name prefixed with `original-`.
  package func encoded(context: RecordContext) -> OutgoingRecord {
    var headers = RecordHeaders(
      .deadLetters, id: origin.description, context: context, contentType: "application/octet-stream")
    headers.append(HeaderName.originTopic, origin.partition.topic)
    headers.append(HeaderName.originPartition, Int64(origin.partition.partition))
    headers.append(HeaderName.originOffset, origin.offset)
    headers.append(HeaderName.reasonCode, reasonCode)
    headers.append(HeaderName.reason, reason)
    headers.append(HeaderName.invocationID, optional: invocation?.description)
    headers.append(HeaderName.function, optional: function?.text)
    if !omitted.isEmpty {
      headers.append(HeaderName.originalOmitted, omitted.map(\.rawValue).sorted().joined(separator: ","))
    }
    for position in 0..<originalHeaders.count {
      let (name, value) = originalHeaders[position]
      headers.append(HeaderName.originalPrefix + name, bytes: value)
    }
    return OutgoingRecord(
      topic: TopicDeclaration.deadLetters.name, key: originalKey, value: originalValue, headers: headers)
  }

  /// - Throws: ``ContractError``: there is nowhere further for the record to go; log and skip it.
  package init(decoding record: ConsumedRecord) throws(ContractError) {
    let reader = try HeaderReader(record, of: .deadLetters)
    let partition = TopicPartition(
      try reader.text(HeaderName.originTopic), try reader.partition(HeaderName.originPartition))
    origin = RecordPosition(partition, offset: try reader.count(HeaderName.originOffset))
    reasonCode = try reader.text(HeaderName.reasonCode)
    reason = try reader.text(HeaderName.reason)
    invocation = try reader.optionalText(HeaderName.invocationID).flatMap { InvocationID($0) }
    function = try reader.optionalText(HeaderName.function).flatMap { try? FunctionName($0) }
    let omitted = try reader.optionalText(HeaderName.originalOmitted) ?? ""
    // A part that a later writer may name and this reader does not know is none that it could show.
    self.omitted = Set(omitted.split(separator: ",").compactMap { Part(rawValue: String($0)) })
    originalKey = record.key
    originalValue = record.value
    originalHeaders = RecordHeaders()
    for position in 0..<record.headers.count {
      let (name, value) = record.headers[position]
      guard name.hasPrefix(HeaderName.originalPrefix) else { continue }
      originalHeaders.append(String(name.dropFirst(HeaderName.originalPrefix.count)), bytes: value)
    }
  }
}
