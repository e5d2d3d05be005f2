import Glibc

/// One HTTP request on a connection of its own, by blocking calls.
struct PlainRequest: Sendable {
  /// What came back; status 0 where nothing readable did.
  struct Answer: Sendable {
    let status: Int
    let fields: [String: String]
    let body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }
  }

  let port: UInt16
  let method: String
  let path: String
  var fields: [(String, String)] = []
  var body: [UInt8] = []

  func send() -> Answer {
    let descriptor = connected()
    defer { close(descriptor) }
    sendRequest(descriptor)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while case let count = read(descriptor, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
    return Self.answer(bytes)
  }

  /// Sends and closes at once.
  func sendAndLeave() {
    let descriptor = connected()
    sendRequest(descriptor)
    close(descriptor)
  }

  private func sendRequest(_ descriptor: Int32) {
    var head = "\(method) \(path) HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n"
    for (name, value) in fields { head += "\(name): \(value)\r\n" }
    if !body.isEmpty { head += "Content-Length: \(body.count)\r\n" }
    let request = Array((head + "\r\n").utf8) + body
    var sent = 0
    while sent < request.count {
      let count = request.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { break }
      sent += count
    }
  }

  private func connected() -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let connected = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    precondition(connected == 0, "nobody listens")
    // A test that would hang fails instead.
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    return descriptor
  }

  private static func answer(_ bytes: [UInt8]) -> Answer {
    let end = bytes.indices.first { bytes[$0...].starts(with: [13, 10, 13, 10]) } ?? bytes.endIndex
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      fields[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
    }
    let status = lines.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
    return Answer(status: status, fields: fields, body: Array(bytes.dropFirst(end + 4)))
  }
}
