internal import EventLoop
internal import Glibc

/// What a part writes: kept in a file, the last lines at hand, and what someone should see handed on. On the loop only.
final class PartLog {
  /// The bounds of a part's log.
  enum Limits {
    /// A file that grew beyond becomes `….1`, in place of the one before.
    static let fileBytes = 16 << 20
    /// Bytes of a line; a longer one is cut in pieces.
    static let lineBytes = 64 << 10
    /// Lines that are kept at hand.
    static let lastLines = 10
  }

  private let loop: EventLoop
  private let path: String
  private let show: (String) -> Void
  private var file: Int32
  private var fileBytes = 0
  private var readEnd: Int32 = -1
  private var registration: Registration?
  private var pending: [UInt8] = []
  private(set) var lastLines: [String] = []

  /// A log in a file; `show` is given each line of level warning and above.
  init(_ path: String, on loop: EventLoop, show: @escaping (String) -> Void) throws(CommandFailure) {
    self.loop = loop
    self.path = path
    self.show = show
    file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw PrivateFile.failure("cannot write", path) }
    fileBytes = Int(max(0, lseek(file, 0, SEEK_END)))
  }

  deinit { Glibc.close(file) }

  /// A pipe's end for the part to write to. The caller closes it once the part has it.
  func openPipe() -> Int32? {
    closePipe()
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    readEnd = ends[0]
    registration = try? loop.watch(ends[0], .read) { [weak self] _ in self?.drain() }
    return ends[1]
  }

  /// Takes what is left, and closes the pipe.
  func closePipe() {
    guard let registration else { return }
    drain()
    if !pending.isEmpty { take(line: pending[...]) }
    pending = []
    loop.unwatch(registration)
    self.registration = nil
    Glibc.close(readEnd)
  }

  private func drain() {
    var chunk = [UInt8](repeating: 0, count: 65536)
    while case let count = read(readEnd, &chunk, chunk.count), count > 0 {
      pending.append(contentsOf: chunk.prefix(count))
      var start = 0
      while let end = pending[start...].firstIndex(of: 0x0a) {
        take(line: pending[start..<end])
        start = end + 1
      }
      pending.removeFirst(start)
      if pending.count > Limits.lineBytes {
        take(line: pending[...])
        pending = []
      }
    }
  }

  private func take(line: ArraySlice<UInt8>) {
    let text = String(decoding: line, as: UTF8.self)
    lastLines.append(text)
    if lastLines.count > Limits.lastLines { lastLines.removeFirst() }
    let bytes = Array(line) + [0x0a]
    if fileBytes + bytes.count > Limits.fileBytes { rotate() }
    // A full disk loses log lines, not the platform.
    fileBytes += max(0, bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) })
    if PartLog.isAlarming(text) { show(text) }
  }

  private func rotate() {
    rename(path, "\(path).1")
    let fresh = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard fresh >= 0 else { return }
    Glibc.close(file)
    file = fresh
    fileBytes = 0
  }

  /// A line for people: of one of our JSON lines the level, the message and what goes with it; any other as it is.
  static func shown(_ line: String, of part: String) -> String {
    guard case .object(let members)? = JSONValue(Array(line.utf8)), let message = members["message"]?.text else {
      return "\(part): \(line)"
    }
    let known: Set = ["time", "level", "logger", "message"]
    let rest = members.filter { !known.contains($0.key) }.sorted { $0.key < $1.key }
    let details = rest.map { " \($0.key)=\($0.value.shown)" }.joined()
    return "\(part) \(members["level"]?.shown ?? ""): \(message)\(details)"
  }

  /// Whether a line is one of ours of level warning or error, or PostgreSQL's cry for help, or no log line at all but a
  /// crash's last words.
  static func isAlarming(_ line: String) -> Bool {
    if line.hasPrefix("{") { return line.contains(#""level":"warning""#) || line.contains(#""level":"error""#) }
    return line.contains("PANIC:") || line.contains("Fatal error") || line.hasPrefix("millrace:")
  }
}
