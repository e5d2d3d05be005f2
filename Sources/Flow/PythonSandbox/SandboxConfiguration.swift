internal import FoundationEssentials
internal import EventLoop

/// The first frame's document: what the runtime in the sandbox has to know.
struct SandboxConfiguration: Encodable {
  let handler: String
  let functionName: String
  let functionVersion: String
  let functionIdentifier: String
  let memoryMebibytes: Int
  let logGroupName: String
  let logStreamName: String
  let timeoutSeconds: Double
  let responseLimitBytes: Int
  let environment: [String: String]

  init(_ specification: SandboxSpecification, responseLimitBytes: Int) {
    handler = specification.handler
    functionName = specification.functionName
    functionVersion = specification.functionVersion
    functionIdentifier = specification.functionIdentifier
    memoryMebibytes = specification.memoryMebibytes
    logGroupName = specification.logGroupName
    logStreamName = specification.logStreamName
    timeoutSeconds = Double(specification.timeout.nanosecondsClamped) / 1e9
    self.responseLimitBytes = responseLimitBytes
    environment = SandboxConfiguration.environment(specification)
  }

  /// The bytes of the document.
  ///
  /// - Throws: ``SandboxError`` where it is larger than a sandbox takes.
  func encoded() throws(SandboxError) -> [UInt8] {
    guard let data = try? JSONEncoder().encode(self), data.count <= SandboxLimits.configurationBytes else {
      throw SandboxError(.invalidSpecification, "the function's settings are larger than the limit")
    }
    return Array(data)
  }

  /// Defaults that a function may change, its own variables, then those that it may not.
  private static func environment(_ specification: SandboxSpecification) -> [String: String] {
    var environment = [
      "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": ":UTC", "HOME": "/tmp",
      "PYTHONPATH": "/var/task",
    ]
    environment.merge(specification.environment) { _, own in own }
    environment.merge([
      "AWS_LAMBDA_FUNCTION_NAME": specification.functionName,
      "AWS_LAMBDA_FUNCTION_VERSION": specification.functionVersion,
      "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "\(specification.memoryMebibytes)",
      "AWS_LAMBDA_LOG_GROUP_NAME": specification.logGroupName,
      "AWS_LAMBDA_LOG_STREAM_NAME": specification.logStreamName,
      "LAMBDA_TASK_ROOT": "/var/task", "_HANDLER": specification.handler,
    ]) { _, fixed in fixed }
    return environment
  }
}
