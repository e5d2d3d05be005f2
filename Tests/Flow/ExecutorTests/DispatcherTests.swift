import MillraceDomain
import SimulationKit
import Testing

@testable import Executor

struct DispatcherTests {
  static func key(_ name: String) throws -> FunctionKey {
    FunctionKey(namespace: .standard, function: try FunctionName(name), version: .first)
  }

  /// Goal: a sandbox is started, takes what waits in order, and is used again.
  @Test func `a warm sandbox is used again`() throws {
    let hello = try DispatcherTests.key("hello")
    var dispatcher = Dispatcher(limits: .init(capacity: 2, pipeline: 4, idleTime: .seconds(60)))
    #expect(dispatcher.enqueue(1, hello, limit: 0, at: .zero) == [.start(1, hello)])
    #expect(dispatcher.started(1, at: .zero) == [.give(1, 1)])
    #expect(dispatcher.finished(1, isAlive: true, at: .zero).isEmpty)
    #expect(dispatcher.enqueue(2, hello, limit: 0, at: .zero) == [.give(2, 1)])
    #expect(dispatcher.busyCount == 1)
  }

  /// Goal: a concurrency of one makes one sandbox; a backlog is given to it ahead, within the pipeline.
  @Test func `a limit of one`() throws {
    let one = try DispatcherTests.key("one")
    var dispatcher = Dispatcher(limits: .init(capacity: 8, pipeline: 3, idleTime: .seconds(60)))
    #expect(dispatcher.enqueue(1, one, limit: 1, at: .zero) == [.start(1, one)])
    for work in UInt64(2)...9 { #expect(dispatcher.enqueue(work, one, limit: 1, at: .zero).isEmpty) }
    #expect(dispatcher.started(1, at: .zero) == [.give(1, 1), .give(2, 1), .give(3, 1)])
    #expect(dispatcher.finished(1, isAlive: true, at: .zero) == [.give(4, 1)])
  }

  /// Goal: what a dead sandbox had is first again, in order, in a new one.
  @Test func `a death puts work back`() throws {
    let one = try DispatcherTests.key("one")
    var dispatcher = Dispatcher(limits: .init(capacity: 8, pipeline: 3, idleTime: .seconds(60)))
    _ = dispatcher.enqueue(1, one, limit: 1, at: .zero)
    for work in UInt64(2)...4 { _ = dispatcher.enqueue(work, one, limit: 1, at: .zero) }
    _ = dispatcher.started(1, at: .zero)
    #expect(dispatcher.finished(1, isAlive: false, at: .zero).isEmpty)
    dispatcher.returned(2, from: 1)
    dispatcher.returned(3, from: 1)
    #expect(dispatcher.gone(1, at: .zero) == [.start(2, one)])
    #expect(dispatcher.started(2, at: .zero) == [.give(2, 2), .give(3, 2)])
  }

  /// Goal: an idle sandbox of another function makes room, the least recently used one first.
  @Test func `the least recently used makes room`() throws {
    let (a, b, c) = (try DispatcherTests.key("a"), try DispatcherTests.key("b"), try DispatcherTests.key("c"))
    var dispatcher = Dispatcher(limits: .init(capacity: 2, pipeline: 2, idleTime: .seconds(60)))
    _ = dispatcher.enqueue(1, a, limit: 0, at: .zero)
    _ = dispatcher.enqueue(2, b, limit: 0, at: .zero)
    _ = dispatcher.started(1, at: .zero) + dispatcher.started(2, at: .zero)
    _ = dispatcher.finished(2, isAlive: true, at: .seconds(1)) + dispatcher.finished(1, isAlive: true, at: .seconds(2))
    #expect(dispatcher.enqueue(3, c, limit: 0, at: .seconds(3)) == [.evict(2)])
    #expect(dispatcher.gone(2, at: .seconds(3)) == [.start(3, c)])
  }

  /// Goal: a function without a sandbox gets one although another keeps all of them busy.
  @Test func `a busy function gives one up`() throws {
    let (greedy, late) = (try DispatcherTests.key("greedy"), try DispatcherTests.key("late"))
    var dispatcher = Dispatcher(limits: .init(capacity: 2, pipeline: 1, idleTime: .seconds(60)))
    for work in UInt64(1)...20 { _ = dispatcher.enqueue(work, greedy, limit: 0, at: .zero) }
    _ = dispatcher.started(1, at: .zero) + dispatcher.started(2, at: .zero)
    #expect(dispatcher.enqueue(21, late, limit: 0, at: .zero).isEmpty)
    let decisions = dispatcher.finished(1, isAlive: true, at: .zero) + dispatcher.finished(2, isAlive: true, at: .zero)
    let evicted = decisions.compactMap { if case .evict(let number) = $0 { number } else { nil } }
    #expect(evicted.count == 1)
    #expect(dispatcher.gone(evicted[0], at: .zero).contains(.start(3, late)))
  }

  /// Goal: a function whose sandboxes do not come up is tried again, later each time, and its work is kept.
  @Test func `failures back off`() throws {
    let broken = try DispatcherTests.key("broken")
    var dispatcher = Dispatcher(limits: .init(capacity: 2, pipeline: 1, idleTime: .seconds(60)))
    #expect(dispatcher.enqueue(1, broken, limit: 0, at: .zero) == [.start(1, broken)])
    #expect(dispatcher.startFailed(1, at: .zero).isEmpty)
    #expect(dispatcher.tick(at: .milliseconds(49)).isEmpty)
    #expect(dispatcher.tick(at: .milliseconds(50)) == [.start(2, broken)])
    #expect(dispatcher.startFailed(2, at: .milliseconds(50)).isEmpty)
    #expect(dispatcher.tick(at: .milliseconds(149)).isEmpty)
    #expect(dispatcher.tick(at: .milliseconds(150)) == [.start(3, broken)])
    #expect(dispatcher.waitingCount == 1)
    #expect(dispatcher.withdrawAll(of: broken) == [1])
  }

  /// Goal: a host short of memory for seconds ends no work; what has waited too long ends item by item.
  @Test func `a failing start gives up only what has waited too long`() throws {
    let key = try DispatcherTests.key("starved")
    var dispatcher = Dispatcher(limits: .init(capacity: 1, pipeline: 1, idleTime: .seconds(60)))
    let arrivals: [UInt64: Duration] = [1: .zero, 2: .zero, 3: .seconds(200)]
    _ = dispatcher.enqueue(1, key, limit: 0, at: .zero) + dispatcher.enqueue(2, key, limit: 0, at: .zero)
    var (sandbox, now, failures) = (UInt64(1), Duration.seconds(10), 0)
    func giveUp(_ patience: Duration) -> [UInt64] {
      dispatcher.giveUp(key, patience: patience, at: now) { arrivals[$0]! }
    }
    while now < .seconds(300) {
      #expect(dispatcher.startFailed(sandbox, at: now).isEmpty)
      #expect(giveUp(.seconds(300)).isEmpty)
      failures += 1
      if failures == 100 { _ = dispatcher.enqueue(3, key, limit: 0, at: now) }
      now += .seconds(2)
      sandbox += 1
      #expect(dispatcher.tick(at: now) == [.start(sandbox, key)])
    }
    now = .seconds(309)
    _ = dispatcher.startFailed(sandbox, at: now)
    #expect(giveUp(.seconds(300)).isEmpty)
    now = .seconds(310)
    #expect(giveUp(.seconds(300)) == [1, 2])
    #expect(dispatcher.waitingCount == 1)
  }

  /// Goal: one start that succeeds, or a sandbox that is there, ends the counting; a failed import counts for itself.
  @Test func `a start that succeeds begins anew`() throws {
    let key = try DispatcherTests.key("hello")
    var dispatcher = Dispatcher(limits: .init(capacity: 2, pipeline: 1, idleTime: .seconds(60)))
    _ = dispatcher.enqueue(1, key, limit: 0, at: .zero) + dispatcher.startFailed(1, at: .zero)
    #expect(dispatcher.tick(at: .seconds(2)) == [.start(2, key)])
    _ = dispatcher.enqueue(2, key, limit: 0, at: .seconds(2))
    #expect(dispatcher.started(2, at: .seconds(2)) == [.give(1, 2)])
    #expect(dispatcher.functions[key]?.startFailures == 0)
    _ = dispatcher.startFailed(3, at: .seconds(2))
    #expect(dispatcher.giveUp(key, patience: .seconds(1), at: .seconds(100)) { _ in .zero }.isEmpty)
    dispatcher.initFailed(2, at: .seconds(100))
    #expect(dispatcher.functions[key]?.startFailures == 1)
    #expect(dispatcher.functions[key]?.initFailures == 1)
  }

  /// Goal: a sandbox nobody needs is given up.
  @Test func `idle sandboxes go`() throws {
    let hello = try DispatcherTests.key("hello")
    var dispatcher = Dispatcher(limits: .init(capacity: 2, pipeline: 4, idleTime: .seconds(60)))
    _ = dispatcher.enqueue(1, hello, limit: 0, at: .zero) + dispatcher.started(1, at: .zero)
    #expect(dispatcher.tick(at: .seconds(100)).isEmpty)
    _ = dispatcher.finished(1, isAlive: true, at: .seconds(100))
    #expect(dispatcher.tick(at: .seconds(159)).isEmpty)
    #expect(dispatcher.tick(at: .seconds(160)) == [.evict(1)])
    #expect(dispatcher.gone(1, at: .seconds(160)).isEmpty)
    #expect(dispatcher.functions.isEmpty)
  }

  /// Goal: a backlog of short events stays with the sandboxes there are; once one takes long, others are started.
  @Test func `short events start no crowd`() throws {
    let short = try DispatcherTests.key("short")
    var dispatcher = Dispatcher(limits: .init(capacity: 16, pipeline: 2, idleTime: .seconds(60)))
    _ = dispatcher.enqueue(1, short, limit: 0, at: .zero)
    _ = dispatcher.started(1, at: .zero)
    _ = dispatcher.finished(1, isAlive: true, at: .milliseconds(5))
    _ = dispatcher.enqueue(2, short, limit: 0, at: .milliseconds(5))
    _ = dispatcher.finished(1, isAlive: true, at: .microseconds(5_100))
    for work in UInt64(3)...100 { _ = dispatcher.enqueue(work, short, limit: 0, at: .microseconds(5_100)) }
    #expect(dispatcher.slots.count == 1)
    #expect(dispatcher.tick(at: .milliseconds(10)).isEmpty)
    #expect(dispatcher.tick(at: .milliseconds(110)).contains { if case .start = $0 { true } else { false } })
    #expect(dispatcher.slots.count == 16)
  }

  /// Goal: of a function that nobody knows yet two sandboxes are tried, and as many as there is work once events take long.
  @Test func `long events start as many as there is work`() throws {
    let long = try DispatcherTests.key("long")
    var dispatcher = Dispatcher(limits: .init(capacity: 16, pipeline: 4, idleTime: .seconds(60)))
    for work in UInt64(1)...8 { _ = dispatcher.enqueue(work, long, limit: 0, at: .zero) }
    #expect(dispatcher.slots.count == DispatcherRules.sandboxesOfUnknown)
    _ = dispatcher.started(1, at: .zero) + dispatcher.started(2, at: .zero)
    _ = dispatcher.finished(1, isAlive: true, at: .seconds(1)) + dispatcher.finished(1, isAlive: true, at: .seconds(2))
    #expect(dispatcher.slots.count > DispatcherRules.sandboxesOfUnknown)
  }
}
