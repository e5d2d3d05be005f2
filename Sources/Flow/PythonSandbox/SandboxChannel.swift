internal import CLinux
internal import EventLoop
internal import Glibc

/// The executor's end of a sandbox's socket: frames in both directions, bounded. Confined to the loop.
final class SandboxChannel {
  private let loop: EventLoop
  private let descriptor: Int32
  private let responseLimitBytes: Int
  private var registration: Registration?
  private var input: [UInt8] = []
  private var inputStart = 0
  private var output: [UInt8] = []
  private var outputStart = 0
  private var chunk = [UInt8](repeating: 0, count: 16384)
  private var isParsing = false
  private var isReading = false

  /// Takes each frame; answers nil, or how the frame breaks the protocol.
  var received: (SandboxFrame.Kind, ArraySlice<UInt8>) -> String? = { _, _ in nil }
  /// Called once when the sandbox breaks the protocol. Nothing more is read then.
  var broken: (String) -> Void = { _ in }

  init(_ descriptor: Int32, responseLimitBytes: Int, on loop: EventLoop) throws(EventLoopError) {
    self.descriptor = descriptor
    self.responseLimitBytes = responseLimitBytes
    self.loop = loop
    registration = try loop.watch(descriptor, .readAndWrite) { [unowned self] readiness in
      if readiness.contains(anyOf: .writable) { flush() }
      if readiness.contains(anyOf: .readable) { readTurn() }
    }
  }

  /// Begins to read. What came before waits in the socket: the sandbox may be quicker than the zygote's answer.
  func begin() {
    isReading = true
    readTurn()
  }

  /// Sends the bytes, or keeps what the socket does not take yet.
  func send(_ bytes: [UInt8]) {
    guard registration != nil else { return }
    if output.isEmpty {
      output = bytes
      outputStart = 0
    } else {
      output.append(contentsOf: bytes)
    }
    flush()
  }

  /// Reads and hands over all frames that have come: for after the sandbox's end.
  func drain() { while readChunks() {} }

  /// Stops; nothing is called any more.
  func close() {
    guard let registration else { return }
    self.registration = nil
    loop.unwatch(registration)
    received = { _, _ in nil }
    broken = { _ in }
    Glibc.close(descriptor)
  }

  private func flush() {
    while outputStart < output.count {
      let sent = unsafe output.withUnsafeBytes { bytes in
        unsafe Glibc.send(
          descriptor, bytes.baseAddress! + outputStart, bytes.count - outputStart,
          Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      // Full, or the sandbox is dead: its end is reported by its pidfd.
      guard sent > 0 else { return }
      outputStart += sent
    }
    output.removeAll(keepingCapacity: output.capacity <= 16384)
    outputStart = 0
  }

  private func readTurn() {
    guard readChunks() else { return }
    loop.nextRound { [self] in readTurn() }
  }

  /// Reads for one turn; whether there may be more.
  private func readChunks() -> Bool {
    var done = 0
    while isReading, registration != nil, done < SandboxLimits.bytesPerTurn {
      let count = unsafe recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
      guard count > 0 else { return false }
      done += count
      input.append(contentsOf: chunk[..<count])
      parse()
      if count < chunk.count { return false }
      if chunk.count < SandboxLimits.pipeBytes { chunk = [UInt8](repeating: 0, count: SandboxLimits.pipeBytes) }
    }
    return isReading && registration != nil
  }

  private func parse() {
    // A callback that leads back here finds its frame handed over already, and the rest is parsed by the outer call.
    guard !isParsing else { return }
    isParsing = true
    defer { isParsing = false }
    while registration != nil, input.count - inputStart >= SandboxFrame.headerBytes {
      let length = Int(SandboxFrame.integer(input[inputStart..<inputStart + 4]))
      guard let kind = SandboxFrame.Kind(rawValue: input[inputStart + 4]) else {
        return fail("a frame of an unknown type")
      }
      guard length <= kind.payloadLimit(responseLimitBytes: responseLimitBytes) else {
        return fail("a frame of \(length) bytes")
      }
      let start = inputStart + SandboxFrame.headerBytes
      guard input.count >= start + length else { break }
      inputStart = start + length
      if let breach = received(kind, input[start..<start + length]) { return fail(breach) }
    }
    discardParsed()
  }

  private func discardParsed() {
    if inputStart == input.count {
      input.removeAll(keepingCapacity: input.capacity <= SandboxLimits.pipeBytes)
    } else {
      input.removeFirst(inputStart)
    }
    inputStart = 0
  }

  private func fail(_ why: String) {
    let report = broken
    received = { _, _ in nil }
    broken = { _ in }
    input = []
    inputStart = 0
    report("the sandbox sent " + why)
  }
}
