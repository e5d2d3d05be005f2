import EventLoop
import Glibc
import Streams
import Testing

/// Goal: listeners accept within their bounds, and an address in use is refused.
@Suite struct StreamListenerTests {
  @Test(
    "A stream connects to a TCP listener on the port the system chose, and bytes pass both ways",
    arguments: [
      StreamAddress.tcp(host: "127.0.0.1", port: 0), .tcp(host: "localhost", port: 0), .unix(path: "echo.sock"),
    ])
  func echo(_ address: StreamAddress) async throws {
    let folder = TemporaryFolder()
    let loop = try LoopThread.startLoop(name: "listen")
    defer { loop.stop() }
    let echo = Echo()
    let listener = try await loop.call {
      try StreamListener(folder.place(address), on: loop) { stream in
        do { try stream.start(echo) } catch { Issue.record(error) }
      }
    }
    let recorder = StreamRecorder()
    let text = Array("to the listener and back".utf8)
    try await Task(executorPreference: loop.tasks) {
      let stream = try await ByteStream.connect(to: listener.address, on: loop)
      try stream.start(recorder)
      stream.write(text)
      stream.finishWriting()
    }.value
    for _ in 0..<10_000 where try await loop.call({ recorder.reason != nil }) { break }
    #expect(try await loop.call { recorder.received } == text)
    #expect(try await loop.call { recorder.reason } == .finished)
    for _ in 0..<10_000 where try await loop.call({ listener.openCount == 0 }) { break }
    #expect(try await loop.call { listener.openCount } == 0)
    try await loop.call { listener.close() }
  }

  @Test("A Unix socket has mode 0600, refuses a second listener, is taken over from a dead one, and goes with close()")
  func unixSocket() async throws {
    let folder = TemporaryFolder()
    let address = folder.place(.unix(path: "one.sock"))
    let path = folder.path + "/one.sock"
    let loop = try LoopThread.startLoop(name: "listen")
    defer { loop.stop() }
    leaveStaleSocket(path)
    let listener = try await loop.call { try StreamListener(address, on: loop) { _ in } }
    var status = stat()
    #expect(lstat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    let error = await #expect(throws: StreamError.self) {
      try await loop.call { _ = try StreamListener(address, on: loop) { _ in } }
    }
    #expect(error?.code == .addressInUse)
    try await loop.call { listener.close() }
    #expect(lstat(path, &status) != 0)
  }

  @Test("Connecting where nobody listens is refused; a name or a long path is no address")
  func refusals() async throws {
    let folder = TemporaryFolder()
    let loop = try LoopThread.startLoop(name: "listen")
    defer { loop.stop() }
    let cases: [(StreamAddress, StreamError.Code)] = [
      (.tcp(host: "127.0.0.1", port: 1), .refused), (folder.place(.unix(path: "none.sock")), .refused),
      (.tcp(host: "example.org", port: 80), .invalidAddress),
      (.unix(path: "/tmp/" + String(repeating: "x", count: 200)), .invalidAddress),
    ]
    for (address, code) in cases {
      let failure = await Task(executorPreference: loop.tasks) { () -> StreamError? in
        do throws(StreamError) {
          _ = try await ByteStream.connect(to: address, on: loop)
          return nil
        } catch { return error }
      }.value
      #expect(failure?.code == code, "\(address)")
    }
  }

  @Test("At its bound of streams a listener waits, and accepts again when one closes")
  func streamLimit() async throws {
    let loop = try LoopThread.startLoop(name: "listen")
    defer { loop.stop() }
    let accepted = Accepted()
    let listener = try await loop.call {
      try StreamListener(.tcp(host: "127.0.0.1", port: 0), on: loop, streamLimit: 2) { accepted.streams.append($0) }
    }
    let clients = try await Task(executorPreference: loop.tasks) {
      var clients: [ByteStream] = []
      for _ in 0..<3 { clients.append(try await ByteStream.connect(to: listener.address, on: loop)) }
      return clients
    }.value
    for _ in 0..<10_000 where try await loop.call({ listener.isSuspended }) { break }
    #expect(try await loop.call { accepted.streams.count } == 2)
    try await loop.call { accepted.streams[0].close() }
    for _ in 0..<10_000 where try await loop.call({ accepted.streams.count == 3 }) { break }
    #expect(try await loop.call { accepted.streams.count } == 3)
    try await loop.call {
      for stream in clients + accepted.streams { stream.close() }
      listener.close()
    }
  }

  @Test(
    "Addresses are read and written",
    arguments: [
      ("127.0.0.1:8080", StreamAddress.tcp(host: "127.0.0.1", port: 8080)), ("[::1]:80", .tcp(host: "::1", port: 80)),
      (":0", .tcp(host: "127.0.0.1", port: 0)), ("unix:/run/a.sock", .unix(path: "/run/a.sock")), ("8080", nil),
      ("host:", nil), ("host:70000", nil), ("unix:", nil), ("::1:80", nil), ("[::1:80", nil),
    ])
  func addresses(_ text: String, _ expected: StreamAddress?) {
    let address = StreamAddress(text)
    #expect(address == expected)
    if let address { #expect(StreamAddress(address.description) == address) }
  }

  @Test("Only this machine reaches a loopback address")
  func loopback() {
    #expect(StreamAddress.tcp(host: "127.0.0.1", port: 1).isLoopback)
    #expect(StreamAddress.unix(path: "/x").isLoopback)
    #expect(!StreamAddress.tcp(host: "0.0.0.0", port: 1).isLoopback)
  }

  /// A socket whose process has died: bound, never unlinked.
  private func leaveStaleSocket(_ path: String) {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    precondition(bound == 0)
    close(descriptor)
  }
}

/// Sends back what it receives.
private final class Echo: ByteStreamDelegate, Sendable {
  func stream(_ stream: ByteStream, received bytes: Span<UInt8>) -> Int {
    stream.write(bytes)
    return bytes.count
  }
  func streamReachedEnd(_ stream: ByteStream) { stream.closeWhenFlushed() }
  func streamDrained(_ stream: ByteStream) {}
  func streamClosed(_ stream: ByteStream, reason: StreamCloseReason) {}
}

/// Confined to the loop, which makes it Sendable.
private final class Accepted: @unchecked Sendable {
  var streams: [ByteStream] = []
}

/// A folder that goes with its last user.
final class TemporaryFolder: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/millrace-streams-XXXXXX".utf8CString)
    precondition(mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for name in ["one.sock", "echo.sock"] { unlink(path + "/" + name) }
    rmdir(path)
  }

  /// The address, its path in this folder.
  func place(_ address: StreamAddress) -> StreamAddress {
    switch address {
    case .tcp: address
    case .unix(let name): .unix(path: path + "/" + name)
    }
  }
}
