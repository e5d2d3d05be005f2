/// What a sandbox is to run, and within which limits.
package struct SandboxSpecification: Sendable, Equatable {
  /// The interpreter's name, `python3.8` … `python3.13`.
  package var runtime: String
  /// The absolute path of the unpacked code, whose files are readable by everybody. It becomes `/var/task`, read-only.
  package var codeDirectory: String
  /// `module.function`; the module may be in packages (`a.b.function` or `a/b.function`).
  package var handler: String
  /// The function's own variables, on top of those that the runtime sets.
  package var environment: [String: String]
  /// The memory limit, in MiB; `/tmp` counts into it. Processor time grows with it: one core for each 1,769 MiB.
  package var memoryMebibytes: Int
  /// How long one invocation may take.
  package var timeout: Duration
  /// The size of `/tmp`, in MiB.
  package var temporaryStorageMebibytes: Int
  package var functionName: String
  package var functionVersion: String
  /// `context.invoked_function_arn`.
  package var functionIdentifier: String
  package var logGroupName: String
  package var logStreamName: String

  /// A function's sandbox. The names default to Lambda's patterns.
  package init(
    runtime: String, codeDirectory: String, handler: String, environment: [String: String] = [:],
    memoryMebibytes: Int = 128, timeout: Duration = .seconds(3), temporaryStorageMebibytes: Int = 512,
    functionName: String,
    functionVersion: String = "$LATEST", functionIdentifier: String? = nil, logGroupName: String? = nil,
    logStreamName: String = "millrace"
  ) {
    self.runtime = runtime
    self.codeDirectory = codeDirectory
    self.handler = handler
    self.environment = environment
    self.memoryMebibytes = memoryMebibytes
    self.timeout = timeout
    self.temporaryStorageMebibytes = temporaryStorageMebibytes
    self.functionName = functionName
    self.functionVersion = functionVersion
    self.functionIdentifier = functionIdentifier ?? "arn:aws:lambda:local:000000000000:function:\(functionName)"
    self.logGroupName = logGroupName ?? "/aws/lambda/\(functionName)"
    self.logStreamName = logStreamName
  }
}
