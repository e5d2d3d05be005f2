/// One isolated interpreter with one function in it. ``SandboxHost`` makes it.
///
/// Confined to the loop, which is what makes it Sendable.
package final class Sandbox: @unchecked Sendable {
  /// Called on the loop with what the function wrote to stdout and stderr, in order. Everything written before a response
  /// comes before the verdict on it. Set it in the `started` callback.
  package var output: (ArraySlice<UInt8>) -> Void = { _ in }
  /// Called on the loop once, when the sandbox is dead and nothing of it is left, after the verdicts on its invocations.
  package var died: () -> Void = {}
  /// Whether an invocation can still be given to it.
  package var isAlive: Bool { false }
  /// Invocations given to it and not yet answered.
  package var queuedInvocations: Int { 0 }

  init() {}

  /// Runs the function. `finished` is called on the loop exactly once, in the order of the calls, never from within this
  /// one. On a dead sandbox the answer is ``SandboxVerdict/notStarted``.
  package func invoke(_ request: SandboxRequest, _ finished: @escaping (SandboxVerdict) -> Void) {}

  /// Kills it. What is queued is answered with ``SandboxVerdict/notStarted``. Harmless when repeated.
  package func destroy() {}
}
