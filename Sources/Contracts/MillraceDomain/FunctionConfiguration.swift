/// How a version of a function is to be run. Immutable once published.
package struct FunctionConfiguration: Hashable, Sendable, Codable {
  /// What of the code is called.
  package var handler: HandlerName
  /// Which interpreter runs it.
  package var runtime: RuntimeName
  /// Memory of one sandbox, swap included: 64 to 10,240 MiB.
  package var memoryMebibytes: Int32
  /// How long one invocation may take: 1 to 900 s.
  package var timeoutSeconds: Int32
  /// Size of `/tmp` in one sandbox: 16 to 10,240 MiB.
  package var temporaryStorageMebibytes: Int32
  /// Environment variables, at most 4 KiB in all, names as of POSIX, none beginning with `AWS_LAMBDA_` or `MILLRACE_`.
  package var environment: [String: String]
  /// For people; at most 256 characters.
  package var description: String
  /// How many invocations may run at once on one executor; 0 means as many as it has room for.
  package var concurrency: Int32

  /// A configuration; ``validate()`` says whether it is within the limits.
  package init(
    handler: HandlerName, runtime: RuntimeName, memoryMebibytes: Int32 = 128, timeoutSeconds: Int32 = 3,
    temporaryStorageMebibytes: Int32 = 512, environment: [String: String] = [:], description: String = "",
    concurrency: Int32 = 0
  ) {
    self.handler = handler
    self.runtime = runtime
    self.memoryMebibytes = memoryMebibytes
    self.timeoutSeconds = timeoutSeconds
    self.temporaryStorageMebibytes = temporaryStorageMebibytes
    self.environment = environment
    self.description = description
    self.concurrency = concurrency
  }

  /// Checks every limit.
  ///
  /// - Throws: ``DomainError`` with `badConfiguration`, naming the field, the value and the range.
  package func validate() throws(DomainError) {
    try check(memoryMebibytes, in: 64...10_240, "memoryMebibytes")
    try check(timeoutSeconds, in: 1...900, "timeoutSeconds")
    try check(temporaryStorageMebibytes, in: 16...10_240, "temporaryStorageMebibytes")
    try check(concurrency, in: 0...1_000, "concurrency")
    guard description.count <= 256 else {
      throw DomainError(.badConfiguration, "description has \(description.count) characters; at most 256 are allowed")
    }
    try validateEnvironment()
  }

  private func check(_ value: Int32, in range: ClosedRange<Int32>, _ field: String) throws(DomainError) {
    guard range.contains(value) else {
      throw DomainError(
        .badConfiguration, "\(field) is \(value); it must be from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  private func validateEnvironment() throws(DomainError) {
    var byteCount = 0
    for (name, value) in environment {
      byteCount += name.utf8.count + value.utf8.count
      let bytes = Array(name.utf8)
      guard let first = bytes.first, !first.isASCIIDigit,
        bytes.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x5f })
      else {
        throw DomainError(
          .badConfiguration, "environment: '\(name.prefix(80))' is not a variable name (letters, digits, '_')")
      }
      guard !name.hasPrefix("AWS_LAMBDA_"), !name.hasPrefix("MILLRACE_"), name != "_HANDLER", name != "LAMBDA_TASK_ROOT"
      else {
        throw DomainError(.badConfiguration, "environment: '\(name)' is reserved for the platform")
      }
      guard !value.utf8.contains(0) else {
        throw DomainError(.badConfiguration, "environment: the value of '\(name)' holds a NUL")
      }
    }
    guard byteCount <= 4096 else {
      throw DomainError(.badConfiguration, "environment has \(byteCount) bytes; at most 4096 are allowed")
    }
  }
}
