internal import CLinux
internal import CProcesses
internal import EventLoop
internal import Glibc

/// One run of ``CapturedProcess``. It lives until the process has ended; the loop's closures hold it.
final class Capture {
  private let loop: EventLoop
  private let limits: CapturedProcess.Limits
  private let finished: (CapturedProcess) -> Void
  private var specification: ProcessSpecification
  private let input: [UInt8]
  private var output: CapturedStream?
  private var errorOutput: CapturedStream?
  private var process: ChildProcess?
  private var deadline: LoopTimer?
  private var reason: CapturedProcess.End?

  init(
    _ specification: ProcessSpecification, input: [UInt8], limits: CapturedProcess.Limits, on loop: EventLoop,
    finished: @escaping (CapturedProcess) -> Void
  ) {
    self.specification = specification
    self.input = input
    self.limits = limits
    self.loop = loop
    self.finished = finished
  }

  func start() throws(ProcessError) {
    do {
      try spawn()
    } catch {
      output?.close()
      errorOutput?.close()
      throw error
    }
    deadline = loop.schedule(after: limits.time) { [self] in stop(.timedOut) }
  }

  private func spawn() throws(ProcessError) {
    let program = specification.program
    let tooMuch = { [self] in stop(.wroteTooMuch) }
    let (output, outputEnd) = try CapturedStream.open(limits.outputBytes, on: loop, program: program, tooMuch: tooMuch)
    self.output = output
    defer { Glibc.close(outputEnd) }
    let (errorOutput, errorEnd) = try CapturedStream.open(
      limits.outputBytes, on: loop, program: program, tooMuch: tooMuch)
    self.errorOutput = errorOutput
    defer { Glibc.close(errorEnd) }
    let inputFile = unsafe cprocesses_memory_file(input, input.count)
    guard inputFile >= 0 else { throw ProcessError(program: program, step: "memfd_create", number: errno) }
    defer { Glibc.close(inputFile) }
    specification.session = .own
    specification.leftovers = .areKilled
    let standard: [ProcessSpecification.Descriptor] = [.parent(inputFile), .parent(outputEnd), .parent(errorEnd)]
    specification.descriptors = standard + specification.descriptors.dropFirst(3)
    process = try ChildProcess(specification, on: loop) { [self] in end($0) }
  }

  private func stop(_ why: CapturedProcess.End) {
    guard reason == nil, let process, process.status == nil else { return }
    reason = why
    process.signalGroup(SIGKILL)
  }

  /// What the process has written is in the pipes by now. A grandchild that still holds them is killed, not waited for.
  private func end(_ status: ProcessEnd) {
    deadline?.cancel()
    output?.drain()
    errorOutput?.drain()
    let isCut = output?.isCut == true || errorOutput?.isCut == true
    let end = reason ?? (isCut ? .wroteTooMuch : .ended(status))
    finished(CapturedProcess(end: end, output: output?.bytes ?? [], errorOutput: errorOutput?.bytes ?? []))
    output?.close()
    errorOutput?.close()
    process = nil
  }
}
