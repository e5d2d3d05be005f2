/// How an executor's sandboxes are made.
package struct SandboxOptions: Sendable {
  /// libMillraceSandbox.so; nil looks beside the program, in `../lib/millrace/` and in `MILLRACE_SANDBOX_LIBRARY`.
  package var libraryPath: String?
  /// The control group under which this executor makes its own, relative to each hierarchy; nil: this process's own.
  package var controlGroupParent: String?
  /// How long importing the function's module may take.
  package var initTimeout: Duration = .seconds(10)
  /// The largest response, in bytes.
  package var responseLimitBytes = SandboxLimits.responseBytes
  /// Output kept of one invocation, in bytes; what comes after is counted and dropped.
  package var outputLimitBytes = SandboxLimits.outputBytes
  /// Processes and threads in one sandbox.
  package var processLimit = SandboxLimits.processes

  /// The defaults.
  package init() {}
}
