internal import EventLoop
internal import KafkaWire

extension Group {
  /// The members have changed, or what they say: a new generation is due, or the one that is due has come closer.
  mutating func rebalance() {
    switch state {
    case .empty, .completing, .stable: prepare()
    case .preparing: advance()
    case .dead: break
    }
  }

  private mutating func prepare() {
    if state == .completing { refuseSyncs(.rebalanceInProgress) }
    syncDeadline = nil
    unsynced = []
    let isFirst = state == .empty
    change(to: .preparing)
    // The first generation waits for nobody; whoever comes a moment later begins the next.
    if isFirst || haveAllJoined { return completeJoin() }
    waitForJoins()
  }

  private mutating func waitForJoins() {
    let deadline = now.instant + rebalanceTimeout
    joinDeadline = deadline
    wake(at: deadline)
  }

  /// The longest that a member asks for.
  private var rebalanceTimeout: Duration {
    .milliseconds(members.values.map(\.rebalanceTimeoutMilliseconds).max() ?? 0)
  }

  /// Whoever has been given a name is waited for too: it is about to come. A group that has lost its last member waits for
  /// nobody.
  private var haveAllJoined: Bool { joinTickets.count == members.count && (pending.isEmpty || members.isEmpty) }

  /// Begins the generation that is due, where nobody has to be waited for any more.
  mutating func advance() {
    if state == .preparing, haveAllJoined { completeJoin() }
  }

  /// Members have gone.
  mutating func membersHaveLeft() {
    switch state {
    case .stable, .completing, .preparing: rebalance()
    case .empty, .dead: break
    }
  }

  /// Begins a generation with whoever has joined. Static members that have not stay in it: they are on their way back.
  mutating func completeJoin() {
    joinDeadline = nil
    for member in ordered where member.instanceID == nil && joinTickets[member.id] == nil { remove(member.id) }
    guard !members.isEmpty else { return becomeEmpty() }
    guard electLeader() else { return waitForJoins() }
    beginGeneration()
    let members = ordered
    protocolName = support.choice(of: members)
    change(to: .completing)
    for member in members {
      self.members[member.id]?.isNew = false
      touch(member.id)
      if let ticket = joinTickets[member.id] {
        answer(ticket, .join(generationAnswer(to: member.id, leaderID: leaderID ?? "")))
      }
    }
    joinTickets = [:]
    unsynced = Set(members.map(\.id))
    let deadline = now.instant + rebalanceTimeout
    syncDeadline = deadline
    wake(at: deadline)
  }

  /// Sees that the leader is one that has joined; false where nobody has.
  private mutating func electLeader() -> Bool {
    if let leaderID, joinTickets[leaderID] != nil { return true }
    guard let next = ordered.first(where: { joinTickets[$0.id] != nil }) else { return false }
    leaderID = next.id
    return true
  }

  private mutating func beginGeneration() {
    generation = generation < .max ? generation + 1 : 1
    persistingGeneration = nil
  }

  private mutating func becomeEmpty() {
    beginGeneration()
    protocolName = nil
    leaderID = nil
    change(to: .empty)
    decisions.append(.persist(.emptiness(generation: generation)))
  }
}
