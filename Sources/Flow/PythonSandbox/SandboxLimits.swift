/// The bounds of a sandbox and of what the executor keeps for it.
enum SandboxLimits {
  /// The largest response: Lambda's 6 MiB. A larger one is ``SandboxVerdict/responseTooLarge(byteCount:_:)``.
  static let responseBytes = 6 << 20
  /// Output kept of one invocation.
  static let outputBytes = 1 << 20
  /// Processes and threads in one sandbox: Lambda's limit.
  static let processes = 1024
  /// Invocations queued in one sandbox; one more is answered with ``SandboxVerdict/notStarted``.
  static let queuedInvocations = 64
  static let memoryMebibytes = 64...10_240
  static let temporaryStorageMebibytes = 1...10_240
  /// The document that configures a sandbox, environment included.
  static let configurationBytes = 256 << 10
  /// Bytes read from one sandbox's output, or from its channel, before others have their turn.
  static let bytesPerTurn = 1 << 20
  /// What a pipe holds: at most this much was written before a response that has just come.
  static let pipeBytes = 64 << 10
  /// Times that removing a control group is tried again, 10 ms apart.
  static let removalAttempts = 100
  /// Files and folders in `/tmp`, for each MiB of it.
  static let temporaryInodesPerMebibyte = 256
}
