import Glibc
import Streams

/// A bare blocking socket that sends exactly the bytes it is given, and reads answers strictly.
final class RawClient {
  /// An answer as read.
  struct Answer {
    let status: Int
    let fields: [String: String]
    let body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }
    var closes: Bool { fields["connection"] == "close" }
  }

  let descriptor: Int32
  private var buffer: [UInt8] = []

  init(_ address: StreamAddress) {
    let flags = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    switch address {
    case .tcp(_, let port):
      descriptor = socket(AF_INET, flags, 0)
      var target = sockaddr_in()
      target.sin_family = sa_family_t(AF_INET)
      target.sin_port = port.bigEndian
      target.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      connect(withUnsafeBytes(of: target) { Array($0) })
    case .unix(let path):
      descriptor = socket(AF_UNIX, flags, 0)
      var target = sockaddr_un()
      target.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
      connect(withUnsafeBytes(of: target) { Array($0) })
    }
    // A test that would hang fails instead.
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  private func connect(_ address: [UInt8]) {
    let connected = address.withUnsafeBytes {
      Glibc.connect(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
    precondition(connected == 0, "the server under test does not listen")
  }

  /// Sends all of it; answers false where the server has cut the connection.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      sent += count
    }
    return true
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Leaves with a reset instead of an end.
  func reset() {
    var lingering = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &lingering, socklen_t(MemoryLayout<linger>.size))
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    dup2(null, descriptor)
    close(null)
  }

  /// The next answer; nil at the end, or where the bytes are not an answer.
  func answer(toHead: Bool = false) -> Answer? {
    guard let end = headEnd() else { return nil }
    let lines = String(decoding: buffer[..<end], as: UTF8.self).split(
      separator: "\r\n", omittingEmptySubsequences: false)
    buffer.removeSubrange(..<(end + 4))
    let first = lines[0].split(separator: " ", maxSplits: 2)
    guard first.count == 3, first[0] == "HTTP/1.1", let status = Int(first[1]) else { return nil }
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { return nil }
      fields[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
    }
    let length = toHead ? 0 : Int(fields["content-length"] ?? "0") ?? 0
    while buffer.count < length { guard fill() else { return nil } }
    let body = Array(buffer[..<length])
    buffer.removeSubrange(..<length)
    return Answer(status: status, fields: fields, body: body)
  }

  private func headEnd() -> Int? {
    while true {
      if buffer.count >= 4 {
        for index in 0...(buffer.count - 4) where buffer[index..<(index + 4)].elementsEqual([13, 10, 13, 10]) {
          return index
        }
      }
      guard fill() else { return nil }
    }
  }

  /// Whether nothing follows but the orderly end of the connection.
  func isAtEnd() -> Bool {
    guard buffer.isEmpty else { return false }
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, 0) == 0
  }

  private func fill() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    guard count > 0 else { return false }
    buffer.append(contentsOf: chunk[..<count])
    return true
  }
}
