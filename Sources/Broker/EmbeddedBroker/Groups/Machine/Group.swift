internal import EventLoop
internal import KafkaWire

/// A group of clients that share partitions out among themselves, after Kafka's classic protocol: who is in it, which
/// generation it has, and who waits for what. Pure: time, names and durability come as events.
///
/// A generation is a set of members that knows itself. Members ask to join; once all have, they get a number of generation, and
/// one of them, the leader, everybody's wishes; the leader answers with everybody's part (`sync`), which is handed out once it is
/// durable. Whoever speaks of another generation is refused: two generations never own a partition at the same time, as far as
/// the log can tell.
struct Group: Sendable {
  let id: String
  var state = GroupState.empty
  var generation: Int32 = 0
  /// What kind of group it is; nil for one that only keeps offsets.
  var protocolType: String?
  /// How the present generation shares out.
  var protocolName: String?
  var leaderID: String?
  var members: [String: GroupMember] = [:]
  /// Names of static members by the names that last.
  var staticMembers: [String: String] = [:]
  /// Names that were given out and not come back with, and until when they hold.
  var pending: [String: LoopInstant] = [:]
  /// Who waits for the generation to begin, by member.
  var joinTickets: [String: GroupTicket] = [:]
  /// Who waits for its part, by member.
  var syncTickets: [String: GroupTicket] = [:]
  /// Members that have not asked for their part in this generation.
  var unsynced: Set<String> = []
  /// The generation whose parts are being made durable.
  var persistingGeneration: Int32?
  /// When a rebalance goes on without those that have not joined.
  var joinDeadline: LoopInstant?
  /// When members go that have not asked for their part.
  var syncDeadline: LoopInstant?
  var support = ProtocolSupport()
  /// When the state last changed, in milliseconds since 1970; nil where that is not known.
  var changedMilliseconds: Int64?
  /// Bytes that members have told, and were given.
  var byteCount = 0

  private var nextNumber: UInt64 = 0
  /// When a timer event is under way.
  private var scheduled: LoopInstant?
  /// The moment of the event that is being decided.
  var now = GroupMoment(instant: LoopInstant(nanoseconds: 0), wallMilliseconds: 0)
  /// What has been decided of it.
  var decisions: [GroupDecision] = []

  /// An empty group.
  init(id: String) { self.id = id }

  // MARK: events

  /// Takes an event in. What is decided is to be done in order, after the group has been put back.
  mutating func decide(_ event: GroupEvent, at moment: GroupMoment) -> [GroupDecision] {
    now = moment
    let wanted = scheduled
    var hasFired = false
    switch event {
    case .join(let join, let ticket): take(join, ticket)
    case .sync(let sync, let ticket): take(sync, ticket)
    case .heartbeat(let claim, let ticket): answer(ticket, .verdict(heartbeat(claim)))
    case .leave(let leavers, let ticket): answer(ticket, .leave(leave(leavers)))
    case .commit(let claim, let ticket): answer(ticket, .verdict(commit(claim)))
    case .timer:
      hasFired = true
      timerFired()
    case .persisted(let persistence, let code): persisted(persistence, code)
    case .deleted: die()
    }
    if let scheduled, scheduled != wanted || hasFired { decisions.append(.schedule(scheduled)) }
    defer { decisions = [] }
    return decisions
  }

  mutating func answer(_ ticket: GroupTicket, _ answer: GroupAnswer) {
    decisions.append(.answer(ticket, answer))
  }

  private mutating func die() {
    precondition(members.isEmpty, "a group is deleted that has members")
    pending = [:]
    state = .dead
  }

  // MARK: time

  /// Makes sure that a timer event comes by then.
  mutating func wake(at due: LoopInstant) { scheduled = min(scheduled ?? due, due) }

  private mutating func timerFired() {
    scheduled = nil
    for (id, deadline) in pending where deadline <= now.instant { pending[id] = nil }
    let silent = members.values.filter { (expiry(of: $0) ?? now.instant + .seconds(1)) <= now.instant }
    for member in silent { remove(member.id) }
    if silent.isEmpty { advance() } else { membersHaveLeft() }
    if let joinDeadline, joinDeadline <= now.instant, state == .preparing { completeJoin() }
    if let syncDeadline, syncDeadline <= now.instant { dropUnsynced() }
    let dues = pending.values + members.values.compactMap(expiry) + [joinDeadline, syncDeadline].compactMap { $0 }
    if let next = dues.min() { wake(at: next) }
  }

  /// When a member is given up. One that waits for an answer is not, unless it is new: then its client may have gone without a
  /// trace.
  private func expiry(of member: GroupMember) -> LoopInstant? {
    if member.isNew { return member.deadline }
    return joinTickets[member.id] == nil && syncTickets[member.id] == nil ? member.deadline : nil
  }

  /// The member was heard of.
  mutating func touch(_ id: String) {
    guard let member = members[id] else { return }
    let deadline = now.instant + member.sessionTimeout
    members[id]?.deadline = deadline
    wake(at: deadline)
  }

  // MARK: members

  mutating func change(to state: GroupState) {
    self.state = state
    changedMilliseconds = now.wallMilliseconds
  }

  /// A number that is greater than those before.
  mutating func takeNumber() -> UInt64 {
    defer { nextNumber += 1 }
    return nextNumber
  }

  mutating func insert(_ member: GroupMember) {
    members[member.id] = member
    if let instance = member.instanceID { staticMembers[instance] = member.id }
    support.add(member)
    byteCount += member.byteCount
    wake(at: member.deadline)
  }

  /// Takes the member out and leaves whoever waits for it alone.
  mutating func extract(_ id: String) -> GroupMember? {
    guard let member = members.removeValue(forKey: id) else { return nil }
    if let instance = member.instanceID { staticMembers[instance] = nil }
    support.remove(member)
    byteCount -= member.byteCount
    unsynced.remove(id)
    return member
  }

  /// Takes the member out. What it waits for is refused.
  mutating func remove(_ id: String) {
    guard extract(id) != nil else { return }
    refuseWaiting(of: id, .unknownMemberID)
    if leaderID == id { leaderID = ordered.first?.id }
  }

  /// Answers what a member waits for.
  mutating func refuseWaiting(of id: String, _ code: ErrorCode) {
    if let ticket = joinTickets.removeValue(forKey: id) {
      answer(ticket, .join(GroupJoinAnswer(code: code, memberID: id)))
    }
    if let ticket = syncTickets.removeValue(forKey: id) { answer(ticket, .sync(GroupSyncAnswer(code: code))) }
  }

  /// The members in the order in which they came.
  var ordered: [GroupMember] { members.values.sorted { $0.number < $1.number } }

  /// What is wrong with who somebody says to be; nil where nothing is. The generation is not looked at.
  func refusal(of memberID: String, _ instanceID: String?) -> ErrorCode? {
    if let instanceID {
      guard let known = staticMembers[instanceID] else { return .unknownMemberID }
      guard known == memberID else { return .fencedInstanceID }
    }
    return members[memberID] == nil ? .unknownMemberID : nil
  }
}
