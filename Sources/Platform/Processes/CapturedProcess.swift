internal import CLinux
internal import CProcesses
package import EventLoop
internal import Glibc

/// A program run to its end with bounded time and output, and what it wrote.
package struct CapturedProcess: Sendable {
  /// Why it ended.
  package enum End: Equatable, Sendable {
    /// By itself, or by a signal that was not ours.
    case ended(ProcessEnd)
    /// Killed: it ran longer than its limit.
    case timedOut
    /// Killed: it wrote more than its limit. What was within the limit is kept.
    case wroteTooMuch
  }

  /// What a run may take.
  package struct Limits: Sendable {
    package var time: Duration
    /// Of standard output and standard error, each.
    package var outputBytes: Int
    /// At most this long and this much.
    package init(time: Duration, outputBytes: Int) {
      self.time = time
      self.outputBytes = outputBytes
    }
  }

  package let end: End
  /// Standard output, at most the limit.
  package let output: [UInt8]
  /// Standard error, at most the limit.
  package let errorOutput: [UInt8]

  /// Whether it ended by itself with status 0.
  package var isSuccess: Bool { end == .ended(.exited(0)) }

  /// Runs the program in a session of its own; at its end all that it started in that session is killed.
  ///
  /// - Parameters:
  ///   - specification: the descriptors 0, 1 and 2 in it are replaced.
  ///   - input: what it reads from standard input.
  /// - Throws: ``ProcessError`` where it could not be started.
  package static func run(
    _ specification: ProcessSpecification, input: [UInt8] = [], limits: Limits, on loop: EventLoop
  ) async throws -> CapturedProcess {
    try await withCheckedThrowingContinuation { continuation in
      loop.execute {
        do {
          try Capture(specification, input: input, limits: limits, on: loop) { continuation.resume(returning: $0) }
            .start()
        } catch {
          continuation.resume(throwing: error)
        }
      }
    }
  }
}
