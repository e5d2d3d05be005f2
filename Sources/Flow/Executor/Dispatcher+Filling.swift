/// How waiting work of one function finds its place.
extension Dispatcher {
  /// Does for a function what can be done now.
  mutating func fill(_ key: FunctionKey, at now: Duration) -> [Decision] {
    var decisions: [Decision] = []
    while let function = functions[key], !function.waiting.isEmpty {
      if let idle = function.sandboxes.first(where: { isFree($0) }) {
        decisions.append(give(key, to: idle, at: now))
        continue
      }
      // Each sandbox on its way will take one; only the rest needs more.
      let uncovered = function.waiting.count - function.sandboxes.count { slots[$0]!.phase == .starting }
      guard uncovered > 0 else { break }
      if mayStart(function, at: now), isWorthAnother(function) {
        if slots.count < limits.capacity {
          decisions.append(.start(makeSlot(key), key))
          continue
        }
        if let decision = makeRoom(for: key, at: now) { decisions.append(decision) }
      }
      guard let busy = shallowest(function) else { break }
      decisions.append(give(key, to: busy, at: now))
    }
    return decisions
  }

  private func isFree(_ sandbox: SandboxNumber) -> Bool { slots[sandbox]!.phase == .live && slots[sandbox]!.load == 0 }

  private mutating func give(_ key: FunctionKey, to sandbox: SandboxNumber, at now: Duration) -> Decision {
    if slots[sandbox]!.load == 0 { slots[sandbox]!.begunAt = now }
    slots[sandbox]!.load += 1
    return .give(functions[key]!.waiting.popFirst()!, sandbox)
  }

  /// What is leaving and has nothing more to run does not count against the function's concurrency.
  private func mayStart(_ function: Function, at now: Duration) -> Bool {
    if let until = function.blockedUntil, until > now { return false }
    guard function.limit > 0 else { return true }
    return function.sandboxes.count { slots[$0]!.phase != .leaving || slots[$0]!.load > 0 } < function.limit
  }

  /// Whether what waits would wait longer for the sandboxes there are than for a new one. Many processes for short events
  /// only take the processor from each other.
  private func isWorthAnother(_ function: Function) -> Bool {
    let working = function.sandboxes.compactMap { slots[$0] }.filter { $0.phase == .live || $0.phase == .starting }
    guard !working.isEmpty else { return true }
    // Whatever came before, what runs now takes long.
    let live = working.filter { $0.phase == .live }
    if !live.isEmpty, live.allSatisfy(\.isSlow) { return true }
    guard let mean = function.meanRun else { return working.count < DispatcherRules.sandboxesOfUnknown }
    if mean < DispatcherRules.shortRun, working.count >= limits.processors { return false }
    let ahead = function.waiting.count + working.reduce(0) { $0 + $1.load }
    return mean * ahead / working.count > DispatcherRules.costOfStart
  }

  /// The live sandbox with the least work, where there is so much waiting that it may have more: one that is short of work
  /// would stand idle between two events, one that has too much would hold work that another could run.
  private func shallowest(_ function: Function) -> SandboxNumber? {
    let live = function.sandboxes.filter { slots[$0]!.phase == .live }
    guard let target = live.min(by: { slots[$0]!.load < slots[$1]!.load }) else { return nil }
    let depth = min(limits.pipeline, 1 + function.waiting.count / live.count)
    return slots[target]!.load < depth ? target : nil
  }

  // MARK: room

  /// There is no room for a sandbox of the function: remembers that it wants one, and has one given up where it may be.
  private mutating func makeRoom(for key: FunctionKey, at now: Duration) -> Decision? {
    if !hungry.contains(key) { hungry.append(key) }
    let onTheirWay = slots.values.count { $0.phase == .leaving || $0.phase == .condemned }
    guard onTheirWay < hungry.count else { return nil }
    // Who has a sandbox already takes one from others only where it is not needed.
    let idleBefore = functions[key]!.sandboxes.isEmpty ? now : now - DispatcherRules.graceOfIdle
    if let idle = leastRecentlyUsedIdle(notOf: key, before: idleBefore) {
      slots[idle]!.phase = .leaving
      return .evict(idle)
    }
    // A function with a sandbox makes do with it; one without would wait for ever while others are busy.
    guard functions[key]!.sandboxes.isEmpty, let victim = victim(notOf: key) else { return nil }
    slots[victim]!.phase = .condemned
    return nil
  }

  private func leastRecentlyUsedIdle(notOf key: FunctionKey, before time: Duration) -> SandboxNumber? {
    slots.filter { _, slot in slot.phase == .live && slot.load == 0 && slot.key != key && slot.idleSince <= time }
      .min { ($0.value.idleSince, $0.key) < ($1.value.idleSince, $1.key) }?.key
  }

  /// A busy sandbox of the function that has most of them; the last one of a function only after it has done some work.
  private func victim(notOf key: FunctionKey) -> SandboxNumber? {
    let candidates = slots.filter { _, slot in
      slot.phase == .live && slot.key != key
        && (slot.served >= limits.pipeline || functions[slot.key]!.sandboxes.count > 1)
    }
    return candidates.max { left, right in
      let (leftCount, rightCount) = (
        functions[left.value.key]!.sandboxes.count, functions[right.value.key]!.sandboxes.count
      )
      return (leftCount, left.value.served, left.key) < (rightCount, right.value.served, right.key)
    }?.key
  }
}
