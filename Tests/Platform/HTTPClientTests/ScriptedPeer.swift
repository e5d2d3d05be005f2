import EventLoop
import Glibc
import Synchronization

/// A peer that answers from a script, with blocking calls on threads of its own: raw bytes, right or wrong.
final class ScriptedPeer: Sendable {
  struct State {
    var requests: [String] = []
    var connectionCount = 0
    var closedCount = 0
    var isStopped = false
  }
  private let state = Mutex(State())
  private let listener: Int32
  let port: UInt16
  let socketPath: String?

  var requests: [String] { state.withLock { $0.requests } }
  var connectionCount: Int { state.withLock { $0.connectionCount } }
  var closedCount: Int { state.withLock { $0.closedCount } }

  /// `answer` is given the request's path and gives the bytes to send; nil means never to answer, empty to hang up.
  init(atPath path: String? = nil, answer: @escaping @Sendable (String) -> String?) throws {
    socketPath = path
    if let path {
      unlink(path)
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      listener = descriptor
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
      let size = socklen_t(MemoryLayout<sockaddr_un>.size)
      let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
      }
      precondition(bound == 0)
      port = 0
    } else {
      listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let descriptor = listener
      let bound = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, size) | getsockname(descriptor, $0, &size)
        }
      }
      precondition(bound == 0)
      port = UInt16(bigEndian: address.sin_port)
    }
    precondition(listen(listener, 64) == 0)
    try LoopThread.start(name: "peer") { [self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        state.withLock { $0.connectionCount += 1 }
        try? LoopThread.start(name: "peer-connection") { [self] in
          serve(connection, answer)
          close(connection)
          state.withLock { $0.closedCount += 1 }
        }
      }
    }
  }

  /// Once: the descriptor's number may be someone else's afterwards.
  func stop() {
    let isFirst = state.withLock { state in
      defer { state.isStopped = true }
      return !state.isStopped
    }
    guard isFirst else { return }
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
    if let socketPath { unlink(socketPath) }
  }

  private func serve(_ connection: Int32, _ answer: (String) -> String?) {
    var pending: [UInt8] = []
    while let request = next(connection, &pending) {
      state.withLock { $0.requests.append(request) }
      let words = request.split(separator: " ", maxSplits: 2)
      guard let bytes = answer(words.count > 1 ? String(words[1]) : "") else {
        var byte: UInt8 = 0
        _ = read(connection, &byte, 1)  // until the other side hangs up
        return
      }
      guard !bytes.isEmpty else { return }
      var rest = Array(bytes.utf8)[...]
      while !rest.isEmpty {
        let sent = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard sent > 0 else { return }
        rest = rest.dropFirst(sent)
      }
      if bytes.contains("Connection: close") { return }
    }
  }

  /// One request with its body, as text; nil when the other side hung up.
  private func next(_ connection: Int32, _ pending: inout [UInt8]) -> String? {
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let text = String(decoding: pending, as: UTF8.self)
      if let end = text.firstRange(of: "\r\n\r\n") {
        var length = 0
        for line in text[..<end.lowerBound].split(separator: "\r\n")
        where line.lowercased().hasPrefix("content-length:") {
          length = Int(line.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) ?? 0
        }
        let headLength = text[..<end.upperBound].utf8.count
        if pending.count >= headLength + length {
          let request = String(decoding: pending.prefix(headLength + length), as: UTF8.self)
          pending.removeFirst(headLength + length)
          return request
        }
      }
      let count = read(connection, &buffer, buffer.count)
      guard count > 0 else { return nil }
      pending.append(contentsOf: buffer.prefix(count))
    }
  }
}
