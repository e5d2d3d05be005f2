import EventLoop
import Glibc
import Lifecycle
import Synchronization
import Testing

/// What happened, in order.
final class Journal: Sendable {
  private let state = Mutex<[String]>([])
  var entries: [String] { state.withLock { $0 } }
  func add(_ entry: String) { state.withLock { $0.append(entry) } }
}

/// Says when it starts and drains; ends as told.
final class Sample: Service {
  enum Ending { case whenCancelled, returning, throwing, never }
  struct Refusal: Error {}
  let serviceName: String
  private let loop: EventLoop
  private let journal: Journal
  private let ending: Ending

  init(_ name: String, _ loop: EventLoop, _ journal: Journal, _ ending: Ending = .whenCancelled) {
    serviceName = name
    self.loop = loop
    self.journal = journal
    self.ending = ending
  }

  func run(started: @escaping @Sendable () -> Void) async throws {
    journal.add("start \(serviceName)")
    started()
    switch ending {
    case .whenCancelled:
      try? await loop.sleep(for: .seconds(1000))
    case .returning:
      return
    case .throwing: throw Refusal()
    case .never:
      while true { try? await Task { try await loop.sleep(for: .seconds(1000)) }.value }
    }
    journal.add("drain \(serviceName)")
    await Task.yield()
    journal.add("end \(serviceName)")
  }
}

@Suite struct ServiceGroupTests {
  private func onLoop<Value: Sendable>(_ body: @escaping @Sendable (EventLoop) async -> Value) async throws -> Value {
    let loop = try LoopThread.startLoop(name: "lifecycle")
    defer { loop.stop() }
    return await withCheckedContinuation { continuation in
      loop.spawn { continuation.resume(returning: await body(loop)) }
    }
  }

  @Test func servicesStartInOrderAndStopInReverse() async throws {
    let journal = Journal()
    let outcome = try await onLoop { loop in
      let last = Sample("c", loop, journal)
      let group = ServiceGroup(loop: loop, services: [Sample("a", loop, journal), Sample("b", loop, journal), last])
      loop.spawn {
        while journal.entries.count < 3 { await Task.yield() }
        group.stop()
      }
      return await group.runWithoutSignals()
    }
    #expect(outcome == .drained)
    #expect(
      journal.entries == [
        "start a", "start b", "start c", "drain c", "end c", "drain b", "end b", "drain a", "end a",
      ])
  }

  @Test(arguments: [(Sample.Ending.returning, "returned unasked"), (.throwing, "Refusal()")])
  func aServiceThatEndsUnaskedStopsTheGroup(_ ending: Sample.Ending, _ reason: String) async throws {
    let journal = Journal()
    let outcome = try await onLoop { loop in
      let group = ServiceGroup(
        loop: loop, services: [Sample("a", loop, journal), Sample("b", loop, journal, ending)])
      return await group.runWithoutSignals()
    }
    #expect(outcome == .failed(service: "b", reason: reason))
    #expect(journal.entries == ["start a", "start b", "drain a", "end a"])
  }

  @Test func aDrainThatTakesTooLongEndsTheProcess() async throws {
    let journal = Journal()
    let code = try await onLoop { loop in
      await withCheckedContinuation { continuation in
        let exited = Mutex(false)
        let group = ServiceGroup(
          loop: loop, services: [Sample("a", loop, journal, .never)], drainTime: .milliseconds(10),
          exit: { code in
            let first = exited.withLock { seen in
              defer { seen = true }
              return !seen
            }
            if first { continuation.resume(returning: code) }
          })
        loop.spawn { _ = await group.runWithoutSignals() }
        loop.spawn {
          while journal.entries.isEmpty { await Task.yield() }
          group.stop()
        }
      }
    }
    #expect(code == 1)
  }

  @Test func aGroupOfNothingDrainsAtOnce() async throws {
    let outcome = try await onLoop { await ServiceGroup(loop: $0, services: []).runWithoutSignals() }
    #expect(outcome == .drained)
  }

  @Test func aGroupStoppedBeforeItBeginsStartsNothing() async throws {
    let journal = Journal()
    let outcome = try await onLoop { loop in
      let group = ServiceGroup(loop: loop, services: [Sample("a", loop, journal)])
      group.stop()
      group.stop()
      return await group.runWithoutSignals()
    }
    #expect(outcome == .drained)
    #expect(journal.entries.isEmpty, "what is stopped before it starts starts nothing")
  }
}
