internal import EventLoop
internal import LogContracts
internal import MillraceDomain
internal import PythonSandbox
internal import Telemetry

/// What the dispatcher decides, done.
extension ExecutorStage {
  func perform(_ decisions: [Dispatcher.Decision]) {
    for decision in decisions {
      switch decision {
      case .start(let number, let key): start(number, key)
      case .give(let work, let number): give(work, to: number)
      case .evict(let number): sandboxes[number]?.sandbox?.destroy()
      }
    }
  }

  private func start(_ number: UInt64, _ key: FunctionKey) {
    guard let version = versions[key] else { preconditionFailure("work that waits has a version") }
    let running = RunningSandbox(number: number, key: key, version: version)
    sandboxes[number] = running
    cache.acquire(version.code) { [self] outcome in
      switch outcome {
      case .success(let directory): isolate(running, directory)
      case .failure(let failure): startFailed(running, failure.message, failure.isRetriable ? .log : .nothing)
      }
    }
  }

  private func isolate(_ running: RunningSandbox, _ directory: String) {
    host.start(specification(running.version, directory)) { [self] result in
      switch result {
      case .success(let sandbox):
        running.sandbox = sandbox
        sandbox.output = { [unowned self, unowned running] in output($0, of: running) }
        sandbox.died = { [unowned self] in died(running) }
        perform(dispatcher.started(running.number, at: time))
      case .failure(let error):
        cache.release(running.version.code.digest)
        startFailed(running, error.message, error.isRetriable ? .time : .nothing)
      }
    }
  }

  private func specification(_ version: CatalogueVersion, _ directory: String) -> SandboxSpecification {
    let configuration = version.configuration
    return SandboxSpecification(
      runtime: configuration.runtime.text, codeDirectory: directory, handler: configuration.handler.text,
      environment: configuration.environment, memoryMebibytes: Int(configuration.memoryMebibytes),
      timeout: .seconds(Int(configuration.timeoutSeconds)),
      temporaryStorageMebibytes: Int(configuration.temporaryStorageMebibytes), functionName: version.function.text,
      functionVersion: String(version.number.number))
  }

  /// What may make the next start succeed.
  private enum Cure {
    /// Trying again cannot help: what waits is told at once.
    case nothing
    /// This host may have more to spare later: work waits for ``ExecutorLimits/startPatience``.
    case time
    /// The log or the disk of the code: none of the tasks' fault, they wait as long as it takes.
    case log
  }

  private func startFailed(_ running: RunningSandbox, _ message: String, _ cure: Cure) {
    metrics.startFailures.increment()
    logger.warning(
      "a sandbox could not be made",
      [(ExecutorSignals.function, running.version.function.text), (ExecutorSignals.reason, message)])
    sandboxes[running.number] = nil
    let now = time
    switch cure {
    case .nothing: end(dispatcher.withdrawAll(of: running.key), message)
    case .time, .log: break
    }
    let decisions = dispatcher.startFailed(running.number, at: now)
    perform(decisions)
    switch cure {
    case .time:
      let patience = ExecutorLimits.startPatience
      end(dispatcher.giveUp(running.key, patience: patience, at: now) { waiting[$0]?.queuedAt ?? now }, message)
    case .nothing, .log: break
    }
  }

  private func end(_ numbers: [UInt64], _ message: String) {
    for number in numbers {
      guard let work = waiting.removeValue(forKey: number) else { continue }
      finish(work, ExecutorRules.notRun(.failed, type: "Sandbox.StartFailed", message: message))
    }
  }

  // MARK: running

  private func give(_ number: UInt64, to sandboxNumber: UInt64) {
    guard let work = waiting.removeValue(forKey: number), let running = sandboxes[sandboxNumber],
      let sandbox = running.sandbox
    else { preconditionFailure("work is given to a sandbox that has started") }
    running.works.append(work)
    if running.works.count == 1 { beginFirst(running) }
    let request = SandboxRequest(
      invocationID: work.task.invocation.description, event: work.task.event,
      traceHeader: work.task.context.traceParent ?? "")
    sandbox.invoke(request) { [self] in answered(running, $0) }
  }

  private func beginFirst(_ running: RunningSandbox) {
    guard let work = running.works.first else { return }
    let now = options.now()
    work.startedAt = now
    work.log = LogBuffer(
      requestID: work.task.invocation.description, version: String(running.version.number.number), at: now)
    metrics.waitSeconds.record(.milliseconds(max(0, now.milliseconds - work.submittedAt.milliseconds)))
    guard !running.earlyOutput.isEmpty else { return }
    let early = running.earlyOutput
    running.earlyOutput = []
    output(early[...], of: running)
  }

  private func output(_ bytes: ArraySlice<UInt8>, of running: RunningSandbox) {
    guard let work = running.works.first, work.log != nil else {
      let room = ExecutorLimits.earlyOutputBytes - running.earlyOutput.count
      running.earlyOutput.append(contentsOf: bytes.prefix(max(0, room)))
      return
    }
    for piece in work.log!.append(bytes, at: options.now()) { send(piece, of: work) }
  }

  private func answered(_ running: RunningSandbox, _ verdict: SandboxVerdict) {
    let work = running.works.removeFirst()
    guard let ending = verdict.ending(requestID: work.task.invocation.description) else {
      return takeBack(work, running)
    }
    let isAlive = verdict.leavesSandboxAlive
    if case .initFailed = verdict { dispatcher.initFailed(running.number, at: time) }
    metrics.runSeconds.record(.microseconds(ending.durationMicroseconds))
    if let initMicroseconds = ending.initMicroseconds { metrics.initSeconds.record(.microseconds(initMicroseconds)) }
    finish(work, ending)
    if isAlive { beginFirst(running) }
    perform(dispatcher.finished(running.number, isAlive: isAlive, at: time))
  }

  /// It was not begun: it is first in its queue again, unless its partition has gone meanwhile.
  private func takeBack(_ work: ExecutorWork, _ running: RunningSandbox) {
    work.log = nil
    dispatcher.returned(work.number, from: running.number)
    if work.partition.isLeaving || isClosed {
      _ = dispatcher.withdraw { $0 == work.number }
      work.partition.activeCount -= 1
      finishRevocations()
    } else {
      waiting[work.number] = work
    }
  }

  private func died(_ running: RunningSandbox) {
    sandboxes[running.number] = nil
    cache.release(running.version.code.digest)
    guard !isClosed else { return }
    perform(dispatcher.gone(running.number, at: time))
    if dispatcher.functions[running.key] == nil { versions[running.key] = nil }
  }

  // MARK: output

  func flushOutput() {
    let now = options.now().milliseconds
    for running in sandboxes.values {
      guard let work = running.works.first, let since = work.log?.waitingSince,
        now - since.milliseconds >= ExecutorLimits.logFlushMilliseconds, let piece = work.log!.flush()
      else { continue }
      send(piece, of: work)
    }
  }
}
