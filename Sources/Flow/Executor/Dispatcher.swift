package import MillraceDomain

/// One version of a function: what a sandbox is made for.
package struct FunctionKey: Hashable, Sendable {
  /// Whose function.
  package let namespace: NamespaceName
  /// The function.
  package let function: FunctionName
  /// The version.
  package let version: VersionNumber
}

/// Decides which waiting work goes into which sandbox, which sandboxes are started and which are given up. Pure: events in,
/// decisions out; times are durations since an origin of the caller's.
///
/// What holds: work of a function begins in the order of its numbers; a function never has more sandboxes that may run than
/// its concurrency limit; there are never more sandboxes than the capacity; work that waits gets a sandbox in the end, however
/// busy other functions are.
struct Dispatcher: Sendable {
  typealias Work = UInt64
  typealias SandboxNumber = UInt64

  /// The bounds of one executor.
  struct Limits: Sendable {
    /// Sandboxes at once.
    var capacity: Int
    /// Work given to one sandbox at once, the running one included.
    var pipeline: Int
    /// How long a sandbox without work is kept.
    var idleTime: Duration
    /// Processors of this host.
    var processors = 2
  }

  enum Decision: Equatable, Sendable {
    /// Make a sandbox; answer with `started` or `startFailed`.
    case start(SandboxNumber, FunctionKey)
    /// Give the work to the sandbox; answer with `finished` or `returned`.
    case give(Work, SandboxNumber)
    /// Destroy the sandbox, which has nothing to do; answer with `gone`.
    case evict(SandboxNumber)
  }

  enum Phase: Sendable {
    case starting
    case live
    /// Nothing is given to it any more; it is destroyed when it has finished what it has.
    case condemned
    /// It is being destroyed or has died; what it had comes back.
    case leaving
  }

  struct Slot: Sendable {
    let key: FunctionKey
    var phase = Phase.starting
    var load = 0
    var served = 0
    var idleSince = Duration.zero
    /// When it began what it is running now.
    var begunAt = Duration.zero
    /// What it had served at the last tick, if it was busy then.
    var servedAtTick: Int?
    /// It runs what it ran two ticks ago. By ticks and not by the clock: the clock goes on while answers wait to be read.
    var isSlow = false
  }

  struct Function: Sendable {
    var limit = 0
    var waiting = WorkQueue()
    var sandboxes: [SandboxNumber] = []
    /// Imports that have failed in a row.
    var initFailures = 0
    /// Starts that have failed in a row, and since when.
    var startFailures = 0
    var failingSince: Duration?
    var blockedUntil: Duration?
    /// How long one event takes, of late; nil while none has run.
    var meanRun: Duration?
  }

  let limits: Limits
  var slots: [SandboxNumber: Slot] = [:]
  var functions: [FunctionKey: Function] = [:]
  /// Functions that wanted a sandbox when there was no room, in that order.
  var hungry: [FunctionKey] = []
  private var lastSandbox: SandboxNumber = 0

  init(limits: Limits) {
    precondition(limits.capacity > 0 && limits.pipeline > 0)
    self.limits = limits
  }

  /// Work that waits for a sandbox.
  var waitingCount: Int { functions.values.reduce(0) { $0 + $1.waiting.count } }
  /// Sandboxes that have work.
  var busyCount: Int { slots.values.count { $0.load > 0 } }

  // MARK: events

  /// Work has arrived; its number is higher than any before. `limit` is the function's concurrency, 0 for none.
  mutating func enqueue(_ work: Work, _ key: FunctionKey, limit: Int, at now: Duration) -> [Decision] {
    functions[key, default: Function()].limit = limit
    functions[key]!.waiting.insert(work)
    return fill(key, at: now)
  }

  /// A sandbox that was to be made is there.
  mutating func started(_ sandbox: SandboxNumber, at now: Duration) -> [Decision] {
    guard let slot = slots[sandbox], slot.phase == .starting else { return [] }
    slots[sandbox]!.phase = .live
    slots[sandbox]!.idleSince = now
    functions[slot.key]?.startFailures = 0
    functions[slot.key]?.failingSince = nil
    return fill(slot.key, at: now)
  }

  /// A sandbox could not be made; the function is left alone for a while, longer each time, and its work waits.
  mutating func startFailed(_ sandbox: SandboxNumber, at now: Duration) -> [Decision] {
    guard let slot = slots[sandbox] else { return [] }
    functions[slot.key, default: Function()].startFailures += 1
    functions[slot.key]!.failingSince = functions[slot.key]!.failingSince ?? now
    block(slot.key, afterFailures: functions[slot.key]!.startFailures, at: now)
    return gone(sandbox, at: now)
  }

  /// Takes back what has waited for all of `patience` while no sandbox of its function could be made and none was there.
  /// `arrival` tells when work was enqueued.
  mutating func giveUp(
    _ key: FunctionKey, patience: Duration, at now: Duration, arrival: (Work) -> Duration
  ) -> [Work] {
    guard let function = functions[key], let failingSince = function.failingSince,
      !function.sandboxes.contains(where: { slots[$0]!.phase != .starting })
    else { return [] }
    let taken = functions[key]!.waiting.remove { max(arrival($0), failingSince) + patience <= now }
    forgetIfUnused(key)
    return taken
  }

  /// A sandbox has finished the work it began first. `isAlive`: it can go on.
  mutating func finished(_ sandbox: SandboxNumber, isAlive: Bool, at now: Duration) -> [Decision] {
    guard let slot = slots[sandbox] else { return [] }
    slots[sandbox]!.load -= 1
    slots[sandbox]!.served += 1
    slots[sandbox]!.idleSince = now
    slots[sandbox]!.begunAt = now
    slots[sandbox]!.isSlow = false
    // The first one has waited for the module to be imported, which tells nothing of the next.
    if slot.served > 0 {
      functions[slot.key]!.meanRun = DispatcherRules.mean(functions[slot.key]!.meanRun, with: now - slot.begunAt)
    }
    if !isAlive {
      slots[sandbox]!.phase = .leaving
      return fill(slot.key, at: now)
    }
    functions[slot.key]?.initFailures = 0
    if slot.phase == .condemned, slot.load == 1 {
      slots[sandbox]!.phase = .leaving
      return [.evict(sandbox)]
    }
    return fill(slot.key, at: now) + feedHungry(at: now)
  }

  /// Tries again for those that found no room: a sandbox may have become idle, or ripe to be given up.
  private mutating func feedHungry(at now: Duration) -> [Decision] {
    guard !hungry.isEmpty else { return [] }
    return neediestFirst().flatMap { fill($0, at: now) }
  }

  /// Those that found no room and still want some: who has no sandbox at all comes first, then who has waited longest.
  private mutating func neediestFirst() -> [FunctionKey] {
    hungry.removeAll { functions[$0]?.waiting.isEmpty ?? true }
    let without = hungry.filter { functions[$0]!.sandboxes.isEmpty }
    return without + hungry.filter { !functions[$0]!.sandboxes.isEmpty }
  }

  /// Work was not begun, because its sandbox has died: it is first in the queue again.
  mutating func returned(_ work: Work, from sandbox: SandboxNumber) {
    guard let slot = slots[sandbox] else { return }
    slots[sandbox]!.load -= 1
    slots[sandbox]!.phase = .leaving
    functions[slot.key, default: Function()].waiting.insert(work)
  }

  /// The sandbox's module could not be imported: the function is left alone for a while, longer each time.
  mutating func initFailed(_ sandbox: SandboxNumber, at now: Duration) {
    guard let slot = slots[sandbox] else { return }
    functions[slot.key, default: Function()].initFailures += 1
    block(slot.key, afterFailures: functions[slot.key]!.initFailures, at: now)
  }

  /// Nothing of a sandbox is left.
  mutating func gone(_ sandbox: SandboxNumber, at now: Duration) -> [Decision] {
    guard let slot = slots.removeValue(forKey: sandbox) else { return [] }
    functions[slot.key]?.sandboxes.removeAll { $0 == sandbox }
    let waiting = neediestFirst()
    hungry = []
    var decisions: [Decision] = []
    for key in waiting { decisions += fill(key, at: now) }
    if !waiting.contains(slot.key) { decisions += fill(slot.key, at: now) }
    forgetIfUnused(slot.key)
    return decisions
  }

  /// Time has passed: functions that were left alone are tried again, sandboxes without work for long are given up.
  mutating func tick(at now: Duration) -> [Decision] {
    var decisions = feedHungry(at: now)
    for (key, function) in functions {
      guard let until = function.blockedUntil, until <= now else { continue }
      functions[key]!.blockedUntil = nil
      decisions += fill(key, at: now)
      forgetIfUnused(key)
    }
    for (number, slot) in slots {
      slots[number]!.isSlow = slot.load > 0 && slot.servedAtTick == slot.served
      slots[number]!.servedAtTick = slot.load > 0 ? slot.served : nil
    }
    for (key, function) in functions where !function.waiting.isEmpty { decisions += fill(key, at: now) }
    for (number, slot) in slots where slot.phase == .live && slot.load == 0 && slot.idleSince + limits.idleTime <= now {
      slots[number]!.phase = .leaving
      decisions.append(.evict(number))
    }
    return decisions
  }

  /// Takes waiting work back, and answers which.
  mutating func withdraw(where isWanted: (Work) -> Bool) -> [Work] {
    var taken: [Work] = []
    for key in functions.keys {
      taken += functions[key]!.waiting.remove(where: isWanted)
      forgetIfUnused(key)
    }
    return taken
  }

  /// Takes back all that waits for a function that cannot be run.
  mutating func withdrawAll(of key: FunctionKey) -> [Work] {
    let taken = functions[key]?.waiting.remove { _ in true } ?? []
    forgetIfUnused(key)
    return taken
  }

  private mutating func block(_ key: FunctionKey, afterFailures count: Int, at now: Duration) {
    functions[key]!.blockedUntil = now + DispatcherRules.pause(afterFailures: count)
  }

  private mutating func forgetIfUnused(_ key: FunctionKey) {
    guard let function = functions[key], function.waiting.isEmpty, function.sandboxes.isEmpty,
      function.blockedUntil == nil
    else { return }
    functions[key] = nil
  }

  mutating func makeSlot(_ key: FunctionKey) -> SandboxNumber {
    lastSandbox += 1
    slots[lastSandbox] = Slot(key: key)
    functions[key]!.sandboxes.append(lastSandbox)
    return lastSandbox
  }
}
