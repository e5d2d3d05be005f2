internal import EventLoop
internal import Glibc

/// The reading end of a sandbox's stdout and stderr. Confined to the loop.
final class SandboxOutput {
  private let loop: EventLoop
  private let descriptor: Int32
  private let limitBytes: Int
  private var registration: Registration?
  private var keptBytes = 0
  private var chunk = [UInt8](repeating: 0, count: 8192)
  /// Bytes of this invocation beyond the limit.
  private(set) var droppedBytes = 0
  /// Who takes what is kept.
  var deliver: (ArraySlice<UInt8>) -> Void = { _ in }

  init(_ descriptor: Int32, limitBytes: Int, on loop: EventLoop) throws(EventLoopError) {
    self.descriptor = descriptor
    self.limitBytes = limitBytes
    self.loop = loop
    registration = try loop.watch(descriptor, .read) { [unowned self] _ in readTurn() }
  }

  /// The limit starts anew.
  func beginInvocation() {
    keptBytes = 0
    droppedBytes = 0
  }

  /// Reads what was written before the response that has just come: at most what a pipe holds.
  func drain() { _ = read(atMost: SandboxLimits.pipeBytes) }

  /// Stops reading and closes the pipe.
  func close() {
    guard let registration else { return }
    self.registration = nil
    loop.unwatch(registration)
    deliver = { _ in }
    Glibc.close(descriptor)
  }

  /// A function that prints for ever does not keep the loop from others.
  private func readTurn() {
    guard registration != nil, read(atMost: SandboxLimits.bytesPerTurn) else { return }
    loop.nextRound { [self] in readTurn() }
  }

  /// Whether there may be more.
  private func read(atMost limit: Int) -> Bool {
    guard registration != nil else { return false }
    var done = 0
    while done < limit {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      guard count > 0 else { return false }
      done += count
      keep(count)
      // A function that prints much gets a larger buffer, all others keep a small one.
      if count == chunk.count, count < SandboxLimits.pipeBytes {
        chunk = [UInt8](repeating: 0, count: SandboxLimits.pipeBytes)
      }
    }
    return true
  }

  private func keep(_ count: Int) {
    let room = min(count, limitBytes - keptBytes)
    droppedBytes += count - room
    keptBytes += room
    if room > 0 { deliver(Array(chunk.prefix(room))[...]) }
  }
}
