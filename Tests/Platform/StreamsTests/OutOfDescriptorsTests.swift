import EventLoop
import Glibc
import Streams
import Testing

/// Goal: a listener out of descriptors neither spins nor dies, and accepts again when there are some.
@Suite struct OutOfDescriptorsTests {
  /// In a process of its own, whose limit of descriptors is lowered to what it has open.
  @Test("A listener out of descriptors leaves the set and comes back when a stream closes", .timeLimit(.minutes(1)))
  func outOfDescriptors() async {
    await #expect(processExitsWith: .success) {
      let loop = try LoopThread.startLoop(name: "full")
      let accepted = AcceptedStreams()
      let listener = try await loop.call {
        try StreamListener(.tcp(host: "127.0.0.1", port: 0), on: loop) { accepted.streams.append($0) }
      }
      try await Task(executorPreference: loop.tasks) {
        _ = Unmanaged.passRetained(try await ByteStream.connect(to: listener.address, on: loop))
        while accepted.streams.isEmpty { await Task.yield() }
      }.value
      try await takeDescriptors(loop, listener)
      for _ in 0..<1_000_000 where try await loop.call({ listener.isSuspended }) { break }
      let isSuspended = try await loop.call { listener.isSuspended }
      precondition(isSuspended)
      let before = try await loop.call { accepted.streams.count }
      try await loop.call { accepted.streams[0].close() }
      for _ in 0..<1_000_000 where try await loop.call({ accepted.streams.count > before }) { break }
      let after = try await loop.call { accepted.streams.count }
      precondition(after == before + 1)
    }
  }
}

/// Takes every descriptor, lets one go for a client, and so leaves none for accepting it.
private func takeDescriptors(_ loop: EventLoop, _ listener: StreamListener) async throws {
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(7), &limit)  // RLIMIT_NOFILE
  limit.rlim_cur = 64
  setrlimit(__rlimit_resource_t(7), &limit)
  try await Task(executorPreference: loop.tasks) {
    var spare: [Int32] = []
    while true {
      let copy = dup(0)
      if copy < 0 { break }
      spare.append(copy)
    }
    close(spare.removeLast())
    _ = Unmanaged.passRetained(try await ByteStream.connect(to: listener.address, on: loop))
  }.value
}

/// Confined to the loop, which makes it Sendable.
private final class AcceptedStreams: @unchecked Sendable {
  var streams: [ByteStream] = []
}
