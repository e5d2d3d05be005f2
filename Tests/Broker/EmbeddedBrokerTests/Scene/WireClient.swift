import Glibc
import KafkaWire
import Streams
import Testing

/// A client on a bare blocking socket: it sends what it is told, right or wrong.
final class WireClient {
  private let descriptor: Int32
  private var correlationID: Int32 = 0
  /// Whether the broker listened.
  let isConnected: Bool

  /// Connects. Waiting for bytes ends with the patience: a test that would hang fails instead.
  init(_ address: StreamAddress, receiveBufferBytes: Int32? = nil, patience: Duration = .seconds(30)) {
    guard case .tcp(_, let port) = address else { preconditionFailure("a broker listens at a port") }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    if var receiveBufferBytes {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBufferBytes, socklen_t(MemoryLayout<Int32>.size))
    }
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = port.bigEndian
    target.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let connected = withUnsafePointer(to: &target) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    isConnected = connected == 0
    self.descriptor = descriptor
    let (seconds, attoseconds) = patience.components
    var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  // MARK: bytes

  /// Sends all of it; false where the broker has cut the connection.
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

  /// Sends as much of it as the connection takes at once; nil where the broker has cut it.
  func offer(_ bytes: ArraySlice<UInt8>) -> Int? {
    let count = bytes.withUnsafeBytes {
      Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
    }
    return count >= 0 ? count : errno == EAGAIN ? 0 : nil
  }

  /// Sends nothing any more; what was sent arrives.
  func leave() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// The next bytes; nil at the connection's end.
  func receive(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var got = 0
    while got < count {
      let read = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress! + got, count - got, 0) }
      guard read > 0 else { return nil }
      got += read
    }
    return bytes
  }

  /// The next frame without its length; nil at the connection's end.
  func frame() -> [UInt8]? {
    guard let length = receive(4) else { return nil }
    return receive(length.reduce(0) { $0 << 8 | Int($1) })
  }

  /// Whether the broker has ended the connection, and nothing was to be read before.
  func isClosed() -> Bool {
    var byte: UInt8 = 0
    let read = recv(descriptor, &byte, 1, 0)
    return read == 0 || read < 0 && errno == ECONNRESET
  }

  /// Whether bytes are there now, or the end.
  func hasNews() -> Bool {
    var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return Glibc.poll(&poll, 1, 0) > 0
  }

  // MARK: messages

  /// A request's frame, with its length.
  static func bytes(_ request: some WireRequest, version: Int16, correlationID: Int32 = 1) throws -> [UInt8] {
    var body: [UInt8] = []
    try RequestHeader(
      key: type(of: request).key, version: version, correlationID: correlationID, clientID: "test"
    ).encode(into: &body)
    try request.encode(into: &body, version: version)
    return withUnsafeBytes(of: Int32(body.count).bigEndian) { Array($0) } + body
  }

  /// Sends a request, and does not wait for what it is answered. Its correlation id.
  @discardableResult
  func post(_ request: some WireRequest, version: Int16) throws -> Int32 {
    correlationID += 1
    send(try Self.bytes(request, version: version, correlationID: correlationID))
    return correlationID
  }

  /// The answer to the request that was posted with that correlation id, which must be the next.
  func answer<Request: WireRequest>(
    to _: Request.Type, version: Int16, correlationID: Int32? = nil
  ) throws -> Request.Response {
    let frame = try #require(self.frame(), "the connection was closed")
    let (header, body) = try ResponseHeader.decode(frame[...], key: Request.key, version: version)
    #expect(header.correlationID == correlationID ?? self.correlationID)
    return try Request.Response.decode(body, version: version)
  }

  /// Sends a request and reads its answer.
  func ask<Request: WireRequest>(_ request: Request, version: Int16) throws -> Request.Response {
    let id = try post(request, version: version)
    return try answer(to: Request.self, version: version, correlationID: id)
  }
}
