package import EventLoop

/// Makes the sandboxes of one executor. Confined to the loop, which is what makes it Sendable.
package final class SandboxHost: @unchecked Sendable {
  /// The interpreters it offers, oldest first.
  package let interpreters: [PythonInterpreter]

  /// Checks every ingredient of the isolation, clears away what executors that died have left.
  /// On the loop only; the thread must live as long as the sandboxes, which die with it.
  ///
  /// - Parameter interpreters: what ``PythonInterpreter/discover(extraPaths:on:)`` has found.
  /// - Throws: ``SandboxError`` naming the step that is impossible here.
  package init(
    loop: EventLoop, interpreters: [PythonInterpreter], options: SandboxOptions = SandboxOptions()
  ) throws(SandboxError) {
    self.interpreters = interpreters
  }

  /// Starts a sandbox; `started` is called on the loop once, when it is isolated. It can be given invocations at once: they
  /// wait until the module has been imported.
  package func start(
    _ specification: SandboxSpecification, _ started: @escaping (Swift.Result<Sandbox, SandboxError>) -> Void
  ) {}

  /// Destroys all sandboxes and ends the zygotes. `closed` is called on the loop when nothing is left.
  package func close(_ closed: @escaping () -> Void) {}
}
