internal import FoundationEssentials
package import LogContracts
package import MillraceDomain

/// What `PUT /v1/functions/{name}` sends: `config`, a JSON object, and `code`, a zip archive or one Python file. Pure.
package struct DeploymentForm: Sendable {
  /// How the function is to be run.
  package let configuration: FunctionConfiguration
  /// What the code is.
  package let archive: SubmissionRecord.Archive
  /// The code's bytes, as sent.
  package let code: [UInt8]

  /// The longest `config`.
  static let configurationLimitBytes = 64 << 10

  /// Reads the body of a request.
  ///
  /// - Throws: `unsupportedMediaType`, `badRequest` where it is no form, `invalidDeployment` where the form is not one of a
  ///   deployment or the configuration breaks a limit.
  package init(contentType: String?, body: [UInt8]) throws(GatewayError) {
    guard let boundary = MultipartForm.boundary(ofContentType: contentType) else {
      throw GatewayError(
        .unsupportedMediaType, "A deployment is multipart/form-data with a boundary, and the parts config and code.")
    }
    let form: MultipartForm
    do throws(MultipartForm.Malformed) { form = try MultipartForm(body, boundary: boundary) } catch {
      throw GatewayError(.badRequest, error.message)
    }
    if let unknown = form.parts.first(where: { $0.name != "config" && $0.name != "code" }) {
      throw GatewayError(.invalidDeployment, "The form has a part '\(unknown.name)'; config and code are expected.")
    }
    guard let config = form["config"] else { throw GatewayError(.invalidDeployment, "The part config is missing.") }
    guard let code = form["code"] else { throw GatewayError(.invalidDeployment, "The part code is missing.") }
    configuration = try Self.configuration(config.content)
    archive = try Self.archive(code)
    self.code = Array(code.content)
  }

  /// The configuration as clients write it: what is left out has its default, what is not known is refused.
  private struct Written: Decodable {
    let configuration: FunctionConfiguration

    private struct Key: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init(_ name: String) { stringValue = name }
      init?(stringValue: String) { self.init(stringValue) }
      init?(intValue: Int) { nil }
    }

    private static let known: Set<String> = [
      "handler", "runtime", "memoryMebibytes", "timeoutSeconds", "temporaryStorageMebibytes", "environment",
      "description", "concurrency",
    ]

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Key.self)
      let names = values.allKeys.map(\.stringValue)
      if let unknown = names.sorted().first(where: { !Self.known.contains($0) }) {
        throw DomainError(.badConfiguration, "config has no field '\(unknown.prefix(80))'")
      }
      for needed in ["handler", "runtime"] where !names.contains(needed) {
        throw DomainError(.badConfiguration, "config needs the field '\(needed)'")
      }
      var written = FunctionConfiguration(
        handler: try values.decode(HandlerName.self, forKey: Key("handler")),
        runtime: try values.decode(RuntimeName.self, forKey: Key("runtime")))
      func take<Value: Decodable>(_ name: String, _ field: WritableKeyPath<FunctionConfiguration, Value>) throws {
        guard let value = try values.decodeIfPresent(Value.self, forKey: Key(name)) else { return }
        written[keyPath: field] = value
      }
      try take("memoryMebibytes", \.memoryMebibytes)
      try take("timeoutSeconds", \.timeoutSeconds)
      try take("temporaryStorageMebibytes", \.temporaryStorageMebibytes)
      try take("environment", \.environment)
      try take("description", \.description)
      try take("concurrency", \.concurrency)
      configuration = written
    }
  }

  private static func configuration(_ bytes: ArraySlice<UInt8>) throws(GatewayError) -> FunctionConfiguration {
    guard bytes.count <= configurationLimitBytes else {
      throw GatewayError(.invalidDeployment, "config is larger than \(configurationLimitBytes) bytes.")
    }
    do {
      let configuration = try JSONDecoder().decode(Written.self, from: Data(bytes)).configuration
      try configuration.validate()
      return configuration
    } catch let error as DomainError {
      throw GatewayError(.invalidDeployment, error.message)
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      throw GatewayError(.invalidDeployment, "config: '\(path)' has a value of the wrong type.")
    } catch {
      throw GatewayError(.invalidDeployment, "config is not a JSON object of a function's configuration.")
    }
  }

  /// An archive by its first bytes, a Python file by its name or type.
  private static func archive(_ code: MultipartForm.Part) throws(GatewayError) -> SubmissionRecord.Archive {
    guard !code.content.isEmpty else { throw GatewayError(.invalidDeployment, "The part code is empty.") }
    // "PK" and a local header, or the end record of an empty archive.
    if code.content.starts(with: [0x50, 0x4b, 3, 4]) || code.content.starts(with: [0x50, 0x4b, 5, 6]) { return .zip }
    let type = code.contentType.map { HeaderParameters($0).value } ?? ""
    if code.fileName?.lowercased().hasSuffix(".py") == true || type.hasPrefix("text/x-python")
      || type == "text/x-script.python"
    {
      return .python
    }
    throw GatewayError(
      .invalidDeployment, "The part code is neither a zip archive nor a file whose name ends with .py.")
  }
}
