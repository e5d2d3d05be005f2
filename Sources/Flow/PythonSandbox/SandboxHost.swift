internal import CLinux
internal import CSandbox
package import EventLoop
internal import FoundationEssentials
internal import Glibc
internal import Processes

/// Makes the sandboxes of one executor. Confined to the loop, which is what makes it Sendable.
package final class SandboxHost: @unchecked Sendable {
  /// The interpreters it offers, oldest first.
  package let interpreters: [PythonInterpreter]
  /// Sandboxes that are starting or alive, or not cleared away yet.
  package private(set) var sandboxCount = 0

  private let loop: EventLoop
  private let options: SandboxOptions
  private let groups: ControlGroups
  private let libraryPath: String
  private let runtimeSource: String
  private var zygotes: [String: Zygote] = [:]
  private var sandboxes: [ObjectIdentifier: Sandbox] = [:]
  private var zygoteCount = 0
  private var closed: (() -> Void)?
  private var isClosing = false

  /// Checks every ingredient of the isolation, and clears away what executors that died have left. On the loop only; the
  /// thread must live as long as the sandboxes, which die with it.
  ///
  /// - Parameter interpreters: what ``PythonInterpreter/discover(extraPaths:on:)`` has found.
  /// - Throws: ``SandboxError`` naming the step that is impossible here.
  package init(
    loop: EventLoop, interpreters: [PythonInterpreter], options: SandboxOptions = SandboxOptions()
  ) throws(SandboxError) {
    precondition(loop.isCurrent)
    self.loop = loop
    self.interpreters = interpreters
    self.options = options
    guard geteuid() == 0 else {
      throw SandboxError(.isolationImpossible, "sandboxes need root (CAP_SYS_ADMIN): this process is user \(geteuid())")
    }
    var failure = unsafe csandbox_failure()
    guard unsafe csandbox_check(&failure) == 0 else {
      let step = unsafe failure.step.map { unsafe String(cString: $0) } ?? "check"
      throw SandboxError(.isolationImpossible, "\(step): \(KernelFile.text(unsafe failure.number))")
    }
    libraryPath = try SandboxHost.findLibrary(options.libraryPath)
    guard !interpreters.isEmpty else {
      throw SandboxError(.isolationImpossible, "no CPython 3.8 to 3.13 with ctypes is on this host")
    }
    let layout = try ControlGroupLayout.detect(
      mounts: KernelFile.read("/proc/self/mountinfo") ?? "", membership: KernelFile.read("/proc/self/cgroup") ?? "",
      parent: options.controlGroupParent, controllers: KernelFile.read)
    groups = try ControlGroups(layout)
    // A group is made once here, so that a limit that cannot be set is known now.
    do throws(SandboxError) {
      let group = try groups.make(memoryMebibytes: SandboxLimits.memoryMebibytes.lowerBound, processLimit: 1)
      group.remove()
      groups.release(group)
    } catch { throw SandboxError(.isolationImpossible, error.message) }
    runtimeSource = String(decoding: PackageResources.runtime_py, as: UTF8.self)
  }

  /// Starts a sandbox; `started` is called on the loop once, when it is isolated, never from within this call. It can be
  /// given invocations at once: they wait until the module has been imported.
  package func start(
    _ specification: SandboxSpecification, _ started: @escaping (Swift.Result<Sandbox, SandboxError>) -> Void
  ) {
    precondition(loop.isCurrent)
    do throws(SandboxError) {
      try check(specification)
      let zygote = try zygote(for: specification.runtime)
      let configuration = try SandboxConfiguration(specification, responseLimitBytes: options.responseLimitBytes)
        .encoded()
      let parts = try makeParts(specification)
      sandboxCount += 1
      zygote.fork(parts.fork) { [self] in forked(parts, configuration, $0, started) }
    } catch {
      loop.nextRound { started(.failure(error)) }
    }
  }

  /// Destroys all sandboxes and ends the zygotes. `closed` is called on the loop when nothing is left.
  package func close(_ closed: @escaping () -> Void) {
    precondition(loop.isCurrent)
    isClosing = true
    self.closed = closed
    for sandbox in Array(sandboxes.values) { sandbox.destroy() }
    for zygote in Array(zygotes.values) { zygote.close() }
    loop.nextRound { [self] in reportClosed() }
  }

  /// This host's own control groups, which are gone once it is closed.
  var controlGroupFolders: [String] { groups.ownFolders }

  // MARK: starting

  private struct Parts {
    let sandbox: Sandbox
    let fork: Zygote.Fork
  }

  private func check(_ specification: SandboxSpecification) throws(SandboxError) {
    guard !isClosing else { throw SandboxError(.exhausted, "the executor is closing") }
    guard SandboxLimits.memoryMebibytes.contains(specification.memoryMebibytes) else {
      throw SandboxError(.invalidSpecification, "memory must be \(SandboxLimits.memoryMebibytes) MiB")
    }
    guard SandboxLimits.temporaryStorageMebibytes.contains(specification.temporaryStorageMebibytes) else {
      throw SandboxError(.invalidSpecification, "/tmp must be \(SandboxLimits.temporaryStorageMebibytes) MiB")
    }
    guard specification.timeout > .zero else {
      throw SandboxError(.invalidSpecification, "the timeout must be positive")
    }
  }

  private func zygote(for runtime: String) throws(SandboxError) -> Zygote {
    if let zygote = zygotes[runtime], zygote.isAlive { return zygote }
    guard let interpreter = interpreters.first(where: { $0.runtime == runtime }) else {
      let offered = interpreters.map(\.runtime).joined(separator: ", ")
      throw SandboxError(.unknownRuntime, "\(runtime) is not on this host; there are \(offered)")
    }
    let zygote = try Zygote(interpreter, source: runtimeSource, libraryPath: libraryPath, on: loop) { [self] ended in
      if zygotes[runtime] === ended { zygotes[runtime] = nil }
      zygoteCount -= 1
      reportClosed()
    }
    zygoteCount += 1
    zygotes[runtime] = zygote
    return zygote
  }

  /// The sandbox's group, socket, pipe and code: all of them or none.
  private func makeParts(_ specification: SandboxSpecification) throws(SandboxError) -> Parts {
    let group = try groups.make(memoryMebibytes: specification.memoryMebibytes, processLimit: options.processLimit)
    do throws(SandboxError) {
      let ends = try SandboxEnds(codeDirectory: specification.codeDirectory)
      let (channel, pipe) = try ends.watch(options, on: loop)
      let sandbox = Sandbox(specification, options: options, group: group, channel: channel, pipe: pipe, on: loop)
      let fork = Zygote.Fork(
        group: group, channel: ends.channel.inside, output: ends.output.inside, code: ends.code,
        temporaryStorageMebibytes: specification.temporaryStorageMebibytes)
      return Parts(sandbox: sandbox, fork: fork)
    } catch {
      group.remove()
      groups.release(group)
      throw error
    }
  }

  private func forked(
    _ parts: Parts, _ configuration: [UInt8], _ result: Swift.Result<(process: Int32, pidfd: Int32), SandboxError>,
    _ started: @escaping (Swift.Result<Sandbox, SandboxError>) -> Void
  ) {
    for end in [parts.fork.channel, parts.fork.output, parts.fork.code] { Glibc.close(end) }
    parts.fork.group.closeDescriptors()
    let sandbox = parts.sandbox
    do {
      let (process, pidfd) = try result.get()
      sandbox.gone = { [self] in forget($0) }
      sandboxes[ObjectIdentifier(sandbox)] = sandbox
      try sandbox.begin(process: process, pidfd: pidfd, configuration: configuration, started)
      if isClosing { sandbox.destroy() }
    } catch {
      sandbox.channel.close()
      sandbox.pipe.close()
      sandbox.group.remove()
      forget(sandbox)
      started(.failure(error as? SandboxError ?? SandboxError(.startFailed, "\(error)")))
    }
  }

  private func forget(_ sandbox: Sandbox) {
    sandboxes[ObjectIdentifier(sandbox)] = nil
    groups.release(sandbox.group)
    sandboxCount -= 1
    reportClosed()
  }

  private func reportClosed() {
    guard isClosing, sandboxCount == 0, zygoteCount == 0 else { return }
    groups.close()
    let call = closed
    closed = nil
    call?()
  }

  // MARK: the library

  private static func findLibrary(_ chosen: String?) throws(SandboxError) -> String {
    let name = "libMillraceSandbox.so"
    var places: [String] = []
    if let chosen = chosen ?? ProcessInfo.processInfo.environment["MILLRACE_SANDBOX_LIBRARY"] {
      places = [chosen]
    } else if let program = KernelFile.linkTarget("/proc/self/exe"), let slash = program.lastIndex(of: "/") {
      let folder = program[..<slash]
      places = ["\(folder)/\(name)", "\(folder)/../lib/millrace/\(name)"]
    }
    for place in places {
      if let real = KernelFile.realPath(place) { return real }
    }
    throw SandboxError(.isolationImpossible, "\(name) is not at \(places.joined(separator: " nor at "))")
  }
}
