package import LogRecords
package import MillraceDomain

/// A function submitted for build (topic `submissions`). The key is `namespace/function`, so that submissions of a function
/// are built in order.
package struct SubmissionRecord: Hashable, Sendable, Codable {
  /// What was uploaded.
  package enum Archive: String, Sendable, Codable {
    /// A zip archive.
    case zip
    /// One Python file, which becomes the handler's module.
    case python
  }

  /// The deployment, registered with the controller already.
  package var deployment: DeploymentID
  /// Whose function.
  package var namespace: NamespaceName
  /// The function.
  package var function: FunctionName
  /// How it is to be run.
  package var configuration: FunctionConfiguration
  /// What was uploaded.
  package var archive: Archive
  /// Where the upload stands on `code`.
  package var upload: CodeReference
  /// Who submitted it.
  package var token: TokenID
  /// When it was submitted.
  package var submittedAt: Timestamp

  /// A submission from its parts.
  package init(
    deployment: DeploymentID, namespace: NamespaceName, function: FunctionName, configuration: FunctionConfiguration,
    archive: Archive, upload: CodeReference, token: TokenID, submittedAt: Timestamp
  ) {
    self.deployment = deployment
    self.namespace = namespace
    self.function = function
    self.configuration = configuration
    self.archive = archive
    self.upload = upload
    self.token = token
    self.submittedAt = submittedAt
  }

  /// The record for `submissions`. Its `ce_id` is the deployment's id.
  package func encoded(context: RecordContext) -> OutgoingRecord {
    var headers = RecordHeaders(
      .submissions, id: deployment.description, context: context, contentType: "application/json")
    headers.append(HeaderName.namespace, namespace.text)
    headers.append(HeaderName.function, function.text)
    return OutgoingRecord(
      topic: TopicDeclaration.submissions.name, key: Array("\(namespace)/\(function)".utf8),
      value: JSONBytes.encoded(self),
      headers: headers)
  }

  /// - Throws: ``ContractError``: the record is for `deadletters`.
  package init(decoding record: ConsumedRecord) throws(ContractError) {
    _ = try HeaderReader(record, of: .submissions)
    self = try JSONBytes.decoded(SubmissionRecord.self, record.value)
  }
}
