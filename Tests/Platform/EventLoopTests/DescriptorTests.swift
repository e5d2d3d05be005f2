import CLinux
import EventLoop
import Glibc
import Testing

/// Goal: an event reaches the owner it was meant for, or nobody.
@Suite struct DescriptorTests {
  /// Two sockets are ready in the same turn. Whichever is served first closes the other, and a new socket takes its
  /// number: the event that was fetched for the old one must not reach the new one.
  @Test("A stale event does not reach the next owner of a descriptor's number", .timeLimit(.minutes(1)))
  func reuse() async throws {
    let loop = try LoopThread.startLoop(name: "stale")
    defer { loop.stop() }
    for _ in 0..<50 {
      let scene = ReuseScene(loop)
      try await loop.call { try scene.begin() }
      #expect(try await eventually(on: loop) { scene.firstCalls == 1 })
      #expect(try await loop.call { scene.readableCallsOfTheNewOwner } == 0)
      try await loop.call { scene.end() }
    }
  }

  @Test("An unwatched descriptor is not reported again, and unwatching twice is harmless")
  func unwatched() async throws {
    let loop = try LoopThread.startLoop(name: "unwatch")
    defer { loop.stop() }
    let (near, far) = makeSocketPair()
    let calls = Gathered(0)
    let registration = Gathered<Registration?>(nil)
    try await loop.call { registration.value = try loop.watch(near, .read) { _ in calls.value += 1 } }
    var byte: UInt8 = 1
    #expect(write(far, &byte, 1) == 1)
    #expect(try await eventually(on: loop) { calls.value == 1 })
    try await loop.call {
      loop.unwatch(registration.value!)
      loop.unwatch(registration.value!)
    }
    #expect(write(far, &byte, 1) == 1)
    try await loop.sleep(for: .milliseconds(1))
    #expect(try await loop.call { calls.value } == 1)
    close(near)
    close(far)
  }

  @Test("A regular file is refused, not watched in vain")
  func regularFile() async throws {
    let loop = try LoopThread.startLoop(name: "file")
    defer { loop.stop() }
    let file = memfd()
    await #expect(throws: EventLoopError.self) { try await loop.call { _ = try loop.watch(file, .read) { _ in } } }
    close(file)
  }

  private func memfd() -> Int32 {
    let file = open("/tmp", O_TMPFILE | O_RDWR, 0o600)
    precondition(file >= 0)
    return file
  }

  private var O_TMPFILE: Int32 { 0o20000000 | O_DIRECTORY }
}

/// Confined to the loop, which makes it Sendable.
private final class ReuseScene: @unchecked Sendable {
  private let loop: EventLoop
  private var pairs: [(near: Int32, far: Int32)] = []
  private var registrations: [Registration?] = [nil, nil]
  private var newPair: (near: Int32, far: Int32)?
  private var newRegistration: Registration?
  private(set) var firstCalls = 0
  private(set) var readableCallsOfTheNewOwner = 0

  init(_ loop: EventLoop) { self.loop = loop }

  func begin() throws {
    for index in 0..<2 {
      let (near, far) = makeSocketPair()
      pairs.append((near, far))
      registrations[index] = try loop.watch(near, .read) { [unowned self] _ in served(index) }
    }
    var byte: UInt8 = 1
    for pair in pairs { precondition(write(pair.far, &byte, 1) == 1) }
  }

  private func served(_ index: Int) {
    firstCalls += 1
    guard newPair == nil else { return }
    let other = 1 - index
    loop.unwatch(registrations[other]!)
    let number = pairs[other].near
    let fresh = makeSocketPair()
    precondition(dup2(fresh.0, number) == number)
    close(fresh.0)
    newPair = (number, fresh.1)
    do {
      newRegistration = try loop.watch(number, .read) { [unowned self] _ in readableCallsOfTheNewOwner += 1 }
    } catch { preconditionFailure("\(error)") }
  }

  func end() {
    for registration in registrations + [newRegistration] {
      if let registration { loop.unwatch(registration) }
    }
    for pair in pairs {
      close(pair.near)
      close(pair.far)
    }
    if let newPair { close(newPair.far) }
  }
}
