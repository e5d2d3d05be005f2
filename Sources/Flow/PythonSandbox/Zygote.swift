internal import CLinux
internal import CSandbox
internal import EventLoop
internal import Glibc
internal import Processes

/// An idle interpreter that forks itself into sandboxes. Confined to the loop.
final class Zygote {
  /// What a fork is asked for: the sandbox's ends, which this process keeps open until the answer.
  struct Fork {
    let group: SandboxControlGroup
    let channel: Int32
    let output: Int32
    let code: Int32
    let temporaryStorageMebibytes: Int
  }

  typealias Answer = (Swift.Result<(process: Int32, pidfd: Int32), SandboxError>) -> Void

  private let loop: EventLoop
  private let interpreter: PythonInterpreter
  private let control: Int32
  private var registration: Registration?
  private var process: ChildProcess?
  private var isReady = false
  private var answers: [Answer] = []
  private var unsent: [Fork] = []
  private let died: (Zygote) -> Void

  /// Whether forks can still be asked for.
  private(set) var isAlive = true

  /// Starts the interpreter in its root.
  ///
  /// - Parameter died: called on the loop once, when the zygote has ended.
  init(
    _ interpreter: PythonInterpreter, source: String, libraryPath: String, on loop: EventLoop,
    died: @escaping (Zygote) -> Void
  ) throws(SandboxError) {
    self.loop = loop
    self.interpreter = interpreter
    self.died = died
    var ends: [Int32] = [-1, -1]
    guard unsafe socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw SandboxError(.exhausted, "socketpair: \(KernelFile.text(errno))")
    }
    control = ends[0]
    defer { Glibc.close(ends[1]) }
    let specification = ProcessSpecification(
      program: interpreter.path,
      arguments: ["-I", "-S", "-X", "utf8", "-c", source, ZygoteRoot.libraryPath, "3"],
      environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"], workingDirectory: "/",
      descriptors: [.null, .null, .parent(2), .parent(ends[1])])
    let plan = ZygoteRootPlan(ZygoteRoot(for: interpreter, libraryPath: libraryPath))
    let preparation = unsafe ProcessPreparation(
      namespaces: UInt64(CSANDBOX_MOUNT_NAMESPACE), function: csandbox_enter_root, context: plan.context)
    do {
      process = try ChildProcess(specification, preparedBy: preparation, on: loop) { [self] end in
        fail("zygote of \(interpreter.runtime) ended: \(end)")
      }
      registration = try loop.watch(control, .read) { [self] _ in receive() }
    } catch {
      process?.kill()
      Glibc.close(control)
      isAlive = false
      throw SandboxError(.startFailed, "zygote of \(interpreter.runtime): \(error)")
    }
  }

  /// Asks for a sandbox. The answer comes once, in order, never from within this call.
  func fork(_ fork: Fork, _ answer: @escaping Answer) {
    precondition(loop.isCurrent)
    answers.append(answer)
    unsent.append(fork)
    send()
  }

  /// Ends the zygote; its sandboxes live on.
  func close() { process?.kill() }

  private func send() {
    while isReady, let fork = unsent.first {
      let number = deliver(fork)
      // Not before an answer has made room.
      if number == EAGAIN { return }
      unsent.removeFirst()
      if number != 0 { return fail("request to the zygote: \(KernelFile.text(number))") }
    }
  }

  private func deliver(_ fork: Fork) -> Int32 {
    let group = fork.group
    var request = csandbox_request()
    request.user = group.user
    request.group = group.user
    request.temporary_bytes = UInt64(fork.temporaryStorageMebibytes) << 20
    request.temporary_inodes = UInt64(fork.temporaryStorageMebibytes * SandboxLimits.temporaryInodesPerMebibyte)
    request.unified = group.version == .unified ? 1 : 0
    request.cgroup_count = UInt32(group.descriptors.count)
    unsafe withUnsafeMutableBytes(of: &request.hostname) { unsafe $0.copyBytes(from: "sandbox".utf8) }
    var descriptors = csandbox_descriptors()
    descriptors.channel = fork.channel
    descriptors.output = fork.output
    descriptors.code = fork.code
    unsafe withUnsafeMutableBytes(of: &descriptors.cgroups) { raw in
      let cgroups = unsafe raw.bindMemory(to: Int32.self)
      for (index, descriptor) in group.descriptors.enumerated() { unsafe cgroups[index] = descriptor }
    }
    return unsafe csandbox_send_request(control, &request, &descriptors)
  }

  private func receive() {
    while isAlive {
      var reply = csandbox_reply()
      var pidfd: Int32 = -1
      let result = unsafe csandbox_receive_reply(control, &reply, &pidfd)
      if result == -EAGAIN || result == 0 { return }
      guard result == 1 else { return fail("reply of the zygote: \(KernelFile.text(-result))") }
      take(reply, pidfd)
    }
  }

  private func take(_ reply: csandbox_reply, _ pidfd: Int32) {
    if !isReady {
      guard reply.process == 0 else { return fail("zygote of \(interpreter.runtime): \(Zygote.failure(reply))") }
      isReady = true
    } else {
      let answer = answers.removeFirst()
      if reply.process > 0, pidfd >= 0 {
        answer(.success((reply.process, pidfd)))
      } else {
        answer(.failure(SandboxError(.startFailed, Zygote.failure(reply))))
      }
    }
    send()
  }

  private static func failure(_ reply: csandbox_reply) -> String {
    let step = unsafe withUnsafeBytes(of: reply.step) { bytes in
      String(decoding: unsafe Array(bytes).prefix { $0 != 0 }, as: UTF8.self)
    }
    return "\(step): \(KernelFile.text(reply.number))"
  }

  private func fail(_ why: String) {
    guard isAlive else { return }
    isAlive = false
    process?.kill()
    if let registration { loop.unwatch(registration) }
    Glibc.close(control)
    let waiting = answers
    answers = []
    unsent = []
    died(self)
    for answer in waiting { answer(.failure(SandboxError(.startFailed, why))) }
  }
}
