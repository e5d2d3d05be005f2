internal import Glibc
internal import Synchronization

/// Where lines go, and from which level on.
///
/// Writing never waits: a line that the other end has no room for is dropped, and the next line that is written is preceded
/// by one that says how many were.
package final class LogOutput: Sendable {
  /// Standard error; text on a terminal, JSON lines otherwise; from `info` on.
  package static let standard = LogOutput(
    format: isatty(STDERR_FILENO) == 1 ? .text : .json, threshold: .info, now: { WallClock.microseconds() },
    send: { LogOutput.send($0, to: STDERR_FILENO) })

  private let format: Mutex<LogFormat>
  private let level: Atomic<Int>
  private let droppedCount = Atomic<Int>(0)
  private let now: @Sendable () -> Int64
  private let send: @Sendable ([UInt8]) -> Bool

  /// An output that hands each line to `send`, which answers whether it took it. `now` gives microseconds since 1970.
  package init(
    format: LogFormat, threshold: LogLevel, now: @escaping @Sendable () -> Int64,
    send: @escaping @Sendable ([UInt8]) -> Bool
  ) {
    self.format = Mutex(format)
    level = Atomic(threshold.rawValue)
    self.now = now
    self.send = send
  }

  /// The lowest level that is written.
  package var threshold: LogLevel { LogLevel(rawValue: level.load(ordering: .relaxed)) ?? .info }

  /// Chooses the lowest level that is written, from now on.
  package func setThreshold(_ threshold: LogLevel) { level.store(threshold.rawValue, ordering: .relaxed) }

  /// Chooses how lines are written, from now on.
  package func setFormat(_ format: LogFormat) { self.format.withLock { $0 = format } }

  func write(_ line: LogLine) {
    let format = format.withLock { $0 }
    let dropped = droppedCount.exchange(0, ordering: .relaxed)
    if dropped > 0 {
      let notice = LogLine(
        level: .warning, label: "telemetry", message: "log lines were dropped", metadata: [("count", "\(dropped)")])
      guard send(notice.bytes(format, unixMicroseconds: now())) else {
        droppedCount.add(dropped + 1, ordering: .relaxed)
        return
      }
    }
    if !send(line.bytes(format, unixMicroseconds: now())) { droppedCount.add(1, ordering: .relaxed) }
  }

  /// Writes a line whole where the descriptor has room for it. A line is no longer than what a writable pipe takes at once.
  private static func send(_ line: [UInt8], to descriptor: Int32) -> Bool {
    var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard poll(&state, 1, 0) == 1, state.revents & Int16(POLLOUT) != 0 else { return false }
    return line.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) } == line.count
  }
}
