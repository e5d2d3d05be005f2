internal import CLinux
internal import EventLoop
internal import Glibc

/// The reading end of a pipe, kept up to a limit.
final class CapturedStream {
  private let loop: EventLoop
  private let descriptor: Int32
  private let limitBytes: Int
  private let tooMuch: () -> Void
  private var registration: Registration?
  private(set) var bytes: [UInt8] = []
  /// Whether more than the limit came.
  private(set) var isCut = false

  private init(_ descriptor: Int32, limitBytes: Int, on loop: EventLoop, tooMuch: @escaping () -> Void) {
    self.descriptor = descriptor
    self.limitBytes = limitBytes
    self.loop = loop
    self.tooMuch = tooMuch
  }

  /// A watched stream, and the end for the child, which the caller closes.
  static func open(
    _ limitBytes: Int, on loop: EventLoop, program: String, tooMuch: @escaping () -> Void
  ) throws(ProcessError) -> (CapturedStream, childEnd: Int32) {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe2(&ends, O_CLOEXEC) == 0 else {
      throw ProcessError(program: program, step: "pipe2", number: errno)
    }
    // Only our end does not block: the flag belongs to the open file, and the child's end is another one.
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    let stream = CapturedStream(ends[0], limitBytes: limitBytes, on: loop, tooMuch: tooMuch)
    do {
      stream.registration = try loop.watch(ends[0], .read) { _ in stream.drain() }
    } catch {
      Glibc.close(ends[0])
      Glibc.close(ends[1])
      throw ProcessError(program: program, step: error.call, number: error.number)
    }
    return (stream, ends[1])
  }

  /// Reads all there is, or until the limit is passed.
  func drain() {
    guard registration != nil else { return }
    while !isCut {
      var chunk = [UInt8](repeating: 0, count: 65536)
      let count = unsafe read(descriptor, &chunk, chunk.count)
      guard count > 0 else { return }
      let room = limitBytes - bytes.count
      bytes.append(contentsOf: chunk.prefix(min(count, room)))
      if count > room {
        isCut = true
        tooMuch()
      }
    }
  }

  func close() {
    guard let registration else { return }
    self.registration = nil
    loop.unwatch(registration)
    Glibc.close(descriptor)
  }
}
