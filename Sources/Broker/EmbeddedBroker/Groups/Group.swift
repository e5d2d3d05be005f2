internal import KafkaWire

/// A consumer group in Kafka's classic protocol: who is in it, who leads, and who has which share. Pure: times come with the
/// events, in milliseconds of one clock, and requests that wait are known by tokens.
struct Group: Equatable, Sendable {
  /// Where a group stands.
  enum State: String, Equatable, Sendable {
    /// Nobody is in it. Goes on to `preparingRebalance` with the first member.
    case empty = "Empty"
    /// Members are awaited. Goes on to `completingRebalance` when all have joined or the time is over, `empty` where none has.
    case preparingRebalance = "PreparingRebalance"
    /// The leader's shares are awaited. Goes on to `stable` with them, back where a member comes or goes.
    case completingRebalance = "CompletingRebalance"
    /// Everybody has a share. Goes back to `preparingRebalance` where a member comes or goes.
    case stable = "Stable"
  }

  let id: String
  var state = State.empty
  var generation: Int32 = 0
  var protocolType: String?
  var protocolName: String?
  var leaderID: String?
  /// In the order in which they came.
  var members: [GroupMember] = []
  /// Ids that were given out and not seen again yet, and until when they are good.
  var pending: [String: Int64] = [:]
  var rebalanceDeadline: Int64?
  /// The leader's shares are being kept: a second sync of the leader waits with the others.
  var isKeeping = false

  init(_ id: String) { self.id = id }

  func index(of memberID: String) -> Int? { members.firstIndex { $0.id == memberID } }
  func index(ofInstance instanceID: String) -> Int? { members.firstIndex { $0.instanceID == instanceID } }

  /// When something happens by itself; nil where nothing does.
  var nextDeadline: Int64? {
    let silent = members.filter { $0.joinToken == nil && $0.syncToken == nil }.map(\.deadline)
    return (silent + pending.values + [rebalanceDeadline].compactMap { $0 }).min()
  }

  // MARK: rebalancing

  /// Calls everybody back: who waits for a share is told, and the join is completed as soon as all are there.
  mutating func prepareRebalance(at now: Int64) -> [GroupDecision] {
    var decisions: [GroupDecision] = []
    if state == .completingRebalance { decisions = resetShares(.rebalanceInProgress) }
    if state != .preparingRebalance {
      state = .preparingRebalance
      isKeeping = false
      let patience = members.map(\.rebalanceTimeoutMilliseconds).max() ?? 0
      rebalanceDeadline = now + Int64(min(patience, GroupLimits.rebalanceTimeoutMilliseconds))
    }
    return decisions + completeJoinIfAllAreThere(at: now)
  }

  /// Tells who waits for a share that there is none, and takes the shares back.
  mutating func resetShares(_ error: ErrorCode) -> [GroupDecision] {
    var decisions: [GroupDecision] = []
    for index in members.indices {
      members[index].assignment = []
      if let token = members[index].syncToken {
        members[index].syncToken = nil
        decisions.append(.synced(token: token, SyncAnswer(error: error)))
      }
    }
    return decisions
  }

  mutating func completeJoinIfAllAreThere(at now: Int64) -> [GroupDecision] {
    guard state == .preparingRebalance, pending.isEmpty, members.allSatisfy({ $0.joinToken != nil }) else { return [] }
    return completeJoin(at: now)
  }

  /// Begins the next generation with those who are there.
  mutating func completeJoin(at now: Int64) -> [GroupDecision] {
    rebalanceDeadline = nil
    // Who has a name may come back with it: it keeps its place until its session ends.
    members.removeAll { $0.joinToken == nil && $0.instanceID == nil }
    guard members.contains(where: { $0.joinToken != nil }) else { return becomeEmpty() }
    generation &+= 1
    protocolName = chooseProtocol()
    if index(of: leaderID ?? "").map({ members[$0].joinToken == nil }) ?? true {
      leaderID = members.first { $0.joinToken != nil }?.id
    }
    state = .completingRebalance
    var decisions: [GroupDecision] = []
    for index in members.indices {
      members[index].assignment = []
      members[index].deadline = now + Int64(members[index].sessionTimeoutMilliseconds)
      guard let token = members[index].joinToken else { continue }
      members[index].joinToken = nil
      decisions.append(.joined(token: token, answer(to: members[index])))
    }
    return decisions
  }

  private mutating func becomeEmpty() -> [GroupDecision] {
    members = []
    generation &+= 1
    state = .empty
    leaderID = nil
    protocolName = nil
    return [.keep(generation: generation)]
  }

  /// What a member that is in the generation is told of it.
  func answer(to member: GroupMember) -> JoinAnswer {
    var answer = JoinAnswer(
      generation: generation, protocolType: protocolType, protocolName: protocolName, leader: leaderID ?? "",
      memberID: member.id)
    if member.id == leaderID {
      answer.members = members.map {
        JoinAnswer.Member(id: $0.id, instanceID: $0.instanceID, metadata: $0.metadata(of: protocolName ?? ""))
      }
    }
    return answer
  }

  /// The way that all know and most prefer.
  private func chooseProtocol() -> String? {
    let known = commonChoices
    var votes: [String: Int] = [:]
    for member in members {
      if let vote = member.choices.first(where: { known.contains($0.name) }) { votes[vote.name, default: 0] += 1 }
    }
    return votes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
  }

  var commonChoices: Set<String> {
    guard let first = members.first else { return [] }
    return members.dropFirst().reduce(Set(first.choices.map(\.name))) { $0.intersection($1.choices.map(\.name)) }
  }

  // MARK: members that go

  /// A member is out.
  mutating func remove(at index: Int, _ now: Int64, _ error: ErrorCode = .unknownMemberID) -> [GroupDecision] {
    let member = members.remove(at: index)
    var decisions: [GroupDecision] = []
    if let token = member.joinToken {
      decisions.append(.joined(token: token, JoinAnswer(error: error, memberID: member.id)))
    }
    if let token = member.syncToken { decisions.append(.synced(token: token, SyncAnswer(error: error))) }
    if leaderID == member.id { leaderID = nil }
    switch state {
    case .stable, .completingRebalance: return decisions + prepareRebalance(at: now)
    case .preparingRebalance:
      if members.isEmpty, pending.isEmpty { return decisions + completeJoin(at: now) }
      return decisions + completeJoinIfAllAreThere(at: now)
    case .empty: return decisions
    }
  }

  /// Time has passed: who was silent for too long is out, and a join that took too long goes on without who is missing.
  mutating func tick(at now: Int64) -> [GroupDecision] {
    var decisions: [GroupDecision] = []
    let expired = pending.filter { $0.value <= now }.map(\.key)
    for id in expired { pending[id] = nil }
    while let index = members.firstIndex(where: { $0.joinToken == nil && $0.syncToken == nil && $0.deadline <= now }) {
      decisions += remove(at: index, now)
    }
    if !expired.isEmpty { decisions += completeJoinIfAllAreThere(at: now) }
    if let rebalanceDeadline, rebalanceDeadline <= now, state == .preparingRebalance {
      decisions += completeJoin(at: now)
    }
    return decisions
  }
}
