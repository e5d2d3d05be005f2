import EventLoop
import Glibc
import Testing

@testable import PythonSandbox

/// One test at a time, on the newest and the oldest interpreter where it matters: sandboxes are few and the host is small.
@Suite(.serialized, .enabled(if: getuid() == 0, "sandboxes need root")) enum PythonSandboxTests {}

/// A host and its loop, for one test. Used from the test's task; all work happens on the loop.
final class Workbench: @unchecked Sendable {
  /// What became of one invocation, and all output so far.
  struct Outcome: Sendable {
    var verdict: SandboxVerdict
    var output: String
  }

  let loop: EventLoop
  let folder: String
  private(set) var host: SandboxHost!
  private var outputs: [ObjectIdentifier: [UInt8]] = [:]
  private var deaths: Set<ObjectIdentifier> = []

  static let oldest = "python3.8"
  static let newest = "python3.13"

  init(_ change: (inout SandboxOptions) -> Void = { _ in }) async throws {
    loop = try LoopThread.startLoop(name: "sandbox")
    var template = Array("/tmp/millrace-sandbox-test-XXXXXX".utf8CString)
    folder = String(cString: try #require(mkdtemp(&template)))
    chmod(folder, 0o755)
    var options = SandboxOptions()
    change(&options)
    let interpreters = await PythonInterpreter.discover(on: loop)
    let finished = options
    host = try await onLoop { try SandboxHost(loop: self.loop, interpreters: interpreters, options: finished) }
  }

  /// Runs on the loop and answers.
  func onLoop<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      loop.execute { continuation.resume(with: Swift.Result(catching: body)) }
    }
  }

  /// Writes the code and starts a sandbox with it.
  func start(
    _ source: String, runtime: String = Workbench.newest, _ change: (inout SandboxSpecification) -> Void = { _ in }
  ) async throws -> Sandbox {
    var template = Array("\(folder)/code-XXXXXX".utf8CString)
    let code = String(cString: try #require(mkdtemp(&template)))
    chmod(code, 0o755)
    try write(source, to: code + "/app.py")
    var specification = SandboxSpecification(
      runtime: runtime, codeDirectory: code, handler: "app.handler", timeout: .seconds(20), functionName: "tested")
    change(&specification)
    let finished = specification
    return try await withCheckedThrowingContinuation { continuation in
      loop.execute { [self] in
        host.start(finished) { result in
          if case .success(let sandbox) = result {
            let id = ObjectIdentifier(sandbox)
            // The identity may have been that of a sandbox that is gone.
            self.outputs[id] = []
            self.deaths.remove(id)
            sandbox.output = { [self] in outputs[id, default: []] += $0 }
            sandbox.died = { [self] in deaths.insert(id) }
          }
          continuation.resume(with: result)
        }
      }
    }
  }

  func write(_ text: String, to path: String) throws {
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
  }

  func invoke(_ sandbox: Sandbox, _ event: String = "{}") async -> Outcome {
    await withCheckedContinuation { continuation in
      loop.execute { [self] in
        sandbox.invoke(SandboxRequest(invocationID: "id-1", event: Array(event.utf8))) { [self] verdict in
          let output = String(decoding: outputs[ObjectIdentifier(sandbox)] ?? [], as: UTF8.self)
          continuation.resume(returning: Outcome(verdict: verdict, output: output))
        }
      }
    }
  }

  /// One invocation in a sandbox of its own.
  func run(
    _ source: String, _ event: String = "{}", runtime: String = Workbench.newest,
    _ change: (inout SandboxSpecification) -> Void = { _ in }
  ) async throws -> Outcome {
    let sandbox = try await start(source, runtime: runtime, change)
    let outcome = await invoke(sandbox, event)
    try await onLoop { sandbox.destroy() }
    return outcome
  }

  /// The response of a successful run.
  func response(
    _ source: String, _ event: String = "{}", runtime: String = Workbench.newest,
    _ change: (inout SandboxSpecification) -> Void = { _ in }
  ) async throws -> String {
    let outcome = try await run(source, event, runtime: runtime, change)
    guard case .succeeded(let response, _) = outcome.verdict else {
      Issue.record("\(outcome.verdict) \(outcome.output)")
      return ""
    }
    return String(decoding: response, as: UTF8.self)
  }

  func isDead(_ sandbox: Sandbox) async throws -> Bool {
    try await onLoop { [self] in deaths.contains(ObjectIdentifier(sandbox)) }
  }

  /// Closes the host, and proves that nothing is left.
  func close() async throws {
    await withCheckedContinuation { continuation in loop.execute { [self] in host.close { continuation.resume() } } }
    let left = try await onLoop { [self] in host.sandboxCount }
    #expect(left == 0)
    let folders = try await onLoop { [self] in host.controlGroupFolders }
    #expect(!folders.isEmpty && !folders.contains(where: KernelFile.exists))
  }

  deinit { loop.stop() }
}

extension SandboxVerdict {
  var functionError: FunctionError? {
    switch self {
    case .functionError(let error, _), .initFailed(let error, _): error
    case .succeeded, .timedOut, .outOfMemory, .exited, .responseTooLarge, .misbehaved, .notStarted: nil
    }
  }
}
