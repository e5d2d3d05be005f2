internal import EventLoop
internal import Processes

/// From its fork to its end.
extension Sandbox {
  /// Takes over the process that the zygote has forked, and configures it.
  func begin(
    process number: Int32, pidfd: Int32, configuration: [UInt8],
    _ started: @escaping (Swift.Result<Sandbox, SandboxError>) -> Void
  ) throws(ProcessError) {
    self.started = started
    process = try ChildProcess(adopting: number, pidfd: pidfd, on: loop) { [self] in ended($0) }
    pipe.deliver = { [unowned self] in output($0) }
    channel.received = { [unowned self] in take($0, $1) }
    channel.broken = { [unowned self] in kill(.misbehaved($0)) }
    began = LoopInstant.current()
    deadline.set(began + options.initTimeout) { [unowned self] in kill(.timedOut) }
    channel.send(SandboxFrame.configure(configuration))
    loop.nextRound { [self] in channel.begin() }
  }

  /// Answers nil, or how the frame breaks the protocol.
  private func take(_ kind: SandboxFrame.Kind, _ payload: ArraySlice<UInt8>) -> String? {
    switch (phase, kind) {
    case (.isolating, .isolated): isolated()
    case (.isolating, .isolationFailed): isolationFailed(payload)
    case (.importing, .ready): becameReady()
    case (.importing, .initFailed):
      guard let error = SandboxFrame.functionError(payload) else { return "an error whose lengths do not add up" }
      kill(.initFailed(error))
    case (.ready, .response), (.ready, .functionError), (.ready, .responseTooLarge): return answer(kind, payload)
    case (.dying, _), (.dead, _): break
    case (.isolating, _), (.importing, _), (.ready, _): return "a frame out of order"
    }
    return nil
  }

  private func isolated() {
    phase = .importing
    let call = started
    started = nil
    call?(.success(self))
  }

  private func isolationFailed(_ payload: ArraySlice<UInt8>) {
    let number = Int32(truncatingIfNeeded: SandboxFrame.integer(payload.prefix(4)))
    let step = String(decoding: payload.dropFirst(4), as: UTF8.self)
    kill(.isolationFailed("\(step): \(KernelFile.text(number))"))
  }

  private func becameReady() {
    initMicroseconds = microsecondsSinceBegan
    let number = group.limitProcessorTime()
    guard number == 0 else { return kill(.misbehaved("its processor quota was refused: \(KernelFile.text(number))")) }
    phase = .ready
    deadline.clear()
    if !pending.isEmpty { beginHead() }
  }

  private func answer(_ kind: SandboxFrame.Kind, _ payload: ArraySlice<UInt8>) -> String? {
    guard payload.count >= 4, let head = pending.first else { return "an answer without a question" }
    guard SandboxFrame.integer(payload.prefix(4)) == UInt64(head.number) else { return "an answer to another question" }
    pipe.drain()
    let body = payload.dropFirst(4)
    switch kind {
    case .response: finish(.succeeded(response: Array(body), measurements()))
    case .functionError:
      guard let error = SandboxFrame.functionError(payload) else { return "an error whose lengths do not add up" }
      finish(.functionError(error, measurements()))
    case .responseTooLarge:
      guard body.count == 8 else { return "a size that is none" }
      let byteCount = Int(SandboxFrame.integer(body) & UInt64(Int.max))
      finish(.responseTooLarge(byteCount: byteCount, measurements()))
    case .isolated, .ready, .initFailed, .isolationFailed: return "a frame out of order"
    }
    return nil
  }

  private func finish(_ verdict: SandboxVerdict) {
    let head = pending.removeFirst()
    pipe.beginInvocation()
    initMicroseconds = nil
    refusedProcessesBefore = group.refusedProcesses
    if pending.isEmpty { deadline.clear() } else { beginHead() }
    head.finished(verdict)
  }

  private var microsecondsSinceBegan: Int {
    Int((LoopInstant.current() - began).nanosecondsClamped / 1000)
  }

  private func measurements() -> SandboxMeasurements {
    SandboxMeasurements(
      durationMicroseconds: microsecondsSinceBegan, initMicroseconds: initMicroseconds,
      peakMemoryMebibytes: group.peakMemoryMebibytes, droppedOutputBytes: pipe.droppedBytes,
      processLimitReached: group.refusedProcesses > refusedProcessesBefore ? group.processLimit : nil)
  }

  // MARK: the end

  private func ended(_ end: ProcessEnd) {
    // What it wrote before its end counts, unless it was killed for a cause.
    if cause == nil { channel.drain() }
    pipe.drain()
    if phase != .dying { phaseWhenKilled = phase }
    phase = .dead
    deadline.cancel()
    channel.close()
    let verdicts = pending
    pending = []
    let first = verdict(end)
    pipe.close()
    if let started {
      self.started = nil
      started(.failure(startFailure(end)))
    }
    if verdicts.isEmpty, phaseWhenKilled == .importing { initVerdict = first }
    for (index, waiting) in verdicts.enumerated() { waiting.finished(index == 0 ? first : .notStarted) }
    clearAway(attempts: SandboxLimits.removalAttempts)
  }

  private func verdict(_ end: ProcessEnd) -> SandboxVerdict {
    let isImporting = phaseWhenKilled == .importing
    switch cause {
    case .destroyed, .isolationFailed: return .notStarted
    case .timedOut: return .timedOut(limit: isImporting ? options.initTimeout : specification.timeout, measurements())
    case .misbehaved(let how): return .misbehaved(how, measurements())
    case .initFailed(let error): return .initFailed(error, measurements())
    case nil:
      if group.outOfMemoryKills > 0 {
        return .outOfMemory(limitMebibytes: specification.memoryMebibytes, measurements())
      }
      guard isImporting else { return .exited(end, measurements()) }
      let message = "Runtime exited with error while importing the function: \(end)"
      return .initFailed(FunctionError(type: "Runtime.ExitError", message: message), measurements())
    }
  }

  private func startFailure(_ end: ProcessEnd) -> SandboxError {
    switch cause {
    case .isolationFailed(let step): SandboxError(.startFailed, step)
    case .destroyed: SandboxError(.startFailed, "the sandbox was destroyed while it started")
    case .timedOut: SandboxError(.startFailed, "isolation did not end within \(options.initTimeout)")
    case .misbehaved(let how): SandboxError(.startFailed, how)
    case .initFailed, nil: SandboxError(.startFailed, "the new sandbox ended: \(end)")
    }
  }

  /// The group is removable as soon as the kernel has forgotten the last process.
  private func clearAway(attempts: Int) {
    guard group.remove() || attempts == 0 else {
      loop.schedule(after: .milliseconds(10)) { [self] in clearAway(attempts: attempts - 1) }
      return
    }
    process = nil
    gone(self)
    let call = died
    died = {}
    output = { _ in }
    call()
  }
}
