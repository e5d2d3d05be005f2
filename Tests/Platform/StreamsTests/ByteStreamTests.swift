import CLinux
import EventLoop
import Glibc
import SimulationKit
import Streams
import Testing

/// Goal: bytes pass in order and whole, and neither side can make the other hold more than its bounds.
@Suite struct ByteStreamTests {
  @Test("Bytes arrive in order, whatever part of them the delegate consumes at a time")
  func partialConsumption() async throws {
    try await SeededProperty.holds(forSeeds: 40) { generator in
      let scene = try await StreamScene()
      let sent = generator.bytes(count: 1...20_000)
      let portion = Int.random(in: 1...5000, using: &generator)
      try await scene.loop.call {
        scene.recorder.consume = { stream, bytes in
          // Consumes whole portions, and the rest when the end is near: as a parser of records would.
          let isLast = scene.recorder.received.count + bytes.count == sent.count
          return isLast ? bytes.count : bytes.count / portion * portion
        }
      }
      try await scene.start()
      var start = 0
      while start < sent.count {
        let end = min(sent.count, start + Int.random(in: 1...4000, using: &generator))
        start += scene.send(Array(sent[start..<end]))
        try await scene.loop.call {}
      }
      let isWhole = try await scene.eventually { $0.recorder.received.count == sent.count }
      let received = try await scene.loop.call { scene.recorder.received }
      try SeededProperty.claim(isWhole && received == sent, "\(received.count) of \(sent.count) bytes arrived in order")
    }
  }

  @Test("A paused stream leaves the bytes to the kernel, which stops the peer; resumed, all arrive")
  func readingBackPressure() async throws {
    let scene = try await StreamScene()
    try await scene.loop.call { scene.stream.pauseReading() }
    try await scene.start()
    let chunk = [UInt8](repeating: 7, count: 8192)
    var sent = 0
    while true {
      let count = scene.send(chunk)
      sent += count
      if count < chunk.count { break }
      #expect(sent < 64 << 20, "the peer is never stopped")
    }
    try await scene.loop.call {}
    #expect(try await scene.loop.call { scene.recorder.received.isEmpty })
    try await scene.loop.call { scene.stream.resumeReading() }
    let total = sent
    #expect(try await scene.eventually { $0.recorder.received.count == total })
  }

  @Test("Pausing from within the delegate keeps the rest until it resumes, also without new bytes")
  func pausingInside() async throws {
    let scene = try await StreamScene()
    try await scene.loop.call {
      scene.recorder.consume = { stream, bytes in
        stream.pauseReading()
        return 1
      }
    }
    try await scene.start()
    scene.send([1, 2, 3])
    #expect(try await scene.eventually { $0.recorder.received == [1] })
    try await scene.loop.call { scene.stream.resumeReading() }
    #expect(try await scene.eventually { $0.recorder.received == [1, 2] })
    try await scene.loop.call { scene.stream.resumeReading() }
    #expect(try await scene.eventually { $0.recorder.received == [1, 2, 3] })
    #expect(try await scene.loop.call { scene.recorder.calls } == 3)
  }

  @Test("A reader that stops reading: the output grows to the mark, the writer is told, and goes on when it drains")
  func writingBackPressure() async throws {
    let scene = try await StreamScene()
    try await scene.start()
    let chunk = [UInt8](repeating: 9, count: 16384)
    let total = 16 << 20
    let written = try await scene.loop.call { Written() }
    try await scene.loop.call {
      let fill: (ByteStream) -> Void = { stream in
        while !stream.isAboveHighWater, written.count < total {
          stream.write(chunk)
          written.count += chunk.count
          written.mostUnsent = max(written.mostUnsent, stream.unsentCount)
        }
      }
      scene.recorder.whenDrained = fill
      fill(scene.stream)
    }
    #expect(try await scene.loop.call { scene.stream.isAboveHighWater })
    var taken = 0
    while taken < total {
      taken += scene.take()?.count ?? 0
    }
    #expect(taken == total)
    let (most, drains) = try await scene.loop.call { (written.mostUnsent, scene.recorder.drains) }
    #expect(most <= StreamLimits().highWaterBytes + chunk.count)
    #expect(drains > 1)
  }

  @Test("What one turn writes is sent as one piece, and in order")
  func batching() async throws {
    let scene = try await StreamScene()
    try await scene.start()
    try await scene.loop.call {
      for number in 0..<100 { scene.stream.write([UInt8(number)]) }
      scene.stream.write { $0.append(100) }
      #expect(scene.take() == [])
    }
    try await scene.loop.call {}
    #expect(scene.take() == Array(0...100))
  }

  @Test("Half-close: this side finishes, still hears the answer, and the stream ends when both have finished")
  func halfClose() async throws {
    let scene = try await StreamScene()
    try await scene.start()
    try await scene.loop.call {
      scene.stream.write([1, 2])
      scene.stream.finishWriting()
      scene.stream.write([3])
    }
    var seen: [UInt8] = []
    while let bytes = scene.take() { seen += bytes }
    #expect(seen == [1, 2])
    scene.send([4, 5])
    #expect(try await scene.eventually { $0.recorder.received == [4, 5] })
    shutdown(scene.peer, Int32(SHUT_WR))
    #expect(try await scene.eventually { $0.recorder.reason == .finished })
    #expect(try await scene.loop.call { scene.recorder.hasReachedEnd && scene.recorder.closes == 1 })
  }

  @Test("The peer's half-close leaves this side free to answer; bytes and end sent together are both seen")
  func peerHalfClose() async throws {
    let scene = try await StreamScene()
    scene.send([1, 2, 3])
    shutdown(scene.peer, Int32(SHUT_WR))
    try await scene.start()
    #expect(try await scene.eventually { $0.recorder.hasReachedEnd })
    #expect(try await scene.loop.call { scene.recorder.received == [1, 2, 3] && !scene.stream.isClosed })
    try await scene.loop.call {
      scene.stream.write([6])
      scene.stream.closeWhenFlushed()
    }
    #expect(try await scene.eventually { $0.stream.isClosed })
    #expect(scene.take() == [6])
    #expect(scene.take() == nil)
    #expect(try await scene.loop.call { scene.recorder.reason } == .closedHere)
  }

  @Test("A peer that is gone closes the stream with a reason")
  func peerGone() async throws {
    let scene = try await StreamScene()
    try await scene.start()
    scene.endPeer()
    #expect(try await scene.eventually { $0.recorder.hasReachedEnd })
    try await scene.loop.call { scene.stream.write([1]) }
    #expect(try await scene.eventually { $0.stream.isClosed })
    guard case .failed(let error) = try await scene.loop.call({ scene.recorder.reason }) else {
      Issue.record("closed without a failure")
      return
    }
    #expect(error.code == .reset)
  }

  @Test("A delegate that consumes nothing meets the input limit, not the end of memory")
  func inputLimit() async throws {
    var limits = StreamLimits()
    limits.unconsumedBytes = 10_000
    let scene = try await StreamScene(limits: limits)
    try await scene.loop.call { scene.recorder.consume = { _, _ in 0 } }
    try await scene.start()
    for _ in 0..<20 { scene.send([UInt8](repeating: 1, count: 1000)) }
    #expect(try await scene.eventually { $0.stream.isClosed })
    guard case .failed(let error) = try await scene.loop.call({ scene.recorder.reason }) else {
      Issue.record("closed without a failure")
      return
    }
    #expect(error.code == .inputLimit)
  }

  @Test("A delegate may close the stream from within: nothing is called afterwards")
  func closingInside() async throws {
    let scene = try await StreamScene()
    try await scene.loop.call {
      scene.recorder.consume = { stream, bytes in
        stream.close()
        return 0
      }
    }
    try await scene.start()
    scene.send([1, 2, 3])
    #expect(try await scene.eventually { $0.stream.isClosed })
    #expect(try await scene.loop.call { scene.recorder.calls == 1 && scene.recorder.closes == 1 })
  }

  @Test("A pipe is read to its end")
  func pipes() async throws {
    let loop = try LoopThread.startLoop(name: "pipe")
    defer { loop.stop() }
    var ends: [Int32] = [0, 0]
    precondition(pipe2(&ends, O_CLOEXEC) == 0)
    let reading = ends[0]
    _ = fcntl(reading, F_SETFL, O_NONBLOCK)
    let recorder = StreamRecorder()
    try await loop.call { try ByteStream(pipe: reading, on: loop).start(recorder) }
    let text = Array("through a pipe".utf8)
    #expect(write(ends[1], text, text.count) == text.count)
    close(ends[1])
    for _ in 0..<10_000 where try await loop.call({ recorder.hasReachedEnd }) { break }
    #expect(try await loop.call { recorder.received } == text)
  }
}

/// Confined to the loop, which makes it Sendable.
private final class Written: @unchecked Sendable {
  var count = 0
  var mostUnsent = 0
}
