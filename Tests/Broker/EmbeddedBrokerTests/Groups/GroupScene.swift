import EventLoop
import KafkaWire

@testable import EmbeddedBroker

/// A group without a broker: events go in, what is decided is kept. Time moves when it is told to; what is to be persisted is
/// durable when that is said.
final class GroupScene {
  var group = Group(id: "g")
  private(set) var instant = LoopInstant(nanoseconds: 1_000_000_000_000)
  private(set) var answers: [GroupTicket: GroupAnswer] = [:]
  private(set) var asked: Set<GroupTicket> = []
  private(set) var persisting: [GroupPersistence] = []
  private(set) var wake: LoopInstant?
  /// What the log has of the group, in order. The last ones, as many as are in `persisting`, are not durable.
  private var appended: [GroupValue] = []
  /// Answers that came for a ticket that had one.
  private(set) var doubleAnswers = 0
  private var lastTicket: UInt64 = 0
  private var lastCandidate = 0

  static let epoch: Int64 = 1_700_000_000_000

  var moment: GroupMoment {
    GroupMoment(instant: instant, wallMilliseconds: Self.epoch + instant.nanoseconds / 1_000_000)
  }

  func put(_ event: GroupEvent) {
    for decision in group.decide(event, at: moment) {
      switch decision {
      case .answer(let ticket, let answer):
        if answers.updateValue(answer, forKey: ticket) != nil { doubleAnswers += 1 }
      case .persist(let persistence):
        persisting.append(persistence)
        appended.append(GroupValue(group))
      case .schedule(let due): wake = due
      }
    }
  }

  func ticket() -> GroupTicket {
    lastTicket += 1
    let ticket = GroupTicket(number: lastTicket)
    asked.insert(ticket)
    return ticket
  }

  /// Requests that have no answer.
  var unanswered: Set<GroupTicket> { asked.subtracting(answers.keys) }

  // MARK: time and disk

  /// Lets so much time pass; timers run when they are due.
  func pass(_ duration: Duration) {
    let end = instant + duration
    while let due = wake, due <= end {
      instant = max(instant, due)
      wake = nil
      put(.timer)
    }
    instant = end
  }

  /// What waits for the disk is durable, or refused.
  func settle(_ code: ErrorCode = .none) {
    while !persisting.isEmpty { put(.persisted(persisting.removeFirst(), code)) }
  }

  /// The broker is started again, and finds what was durable and so many of what was not.
  func restart(persisting count: Int) {
    appended.removeLast(max(0, persisting.count - count))
    persisting = []
    group = appended.last.map { Group(id: "g", kept: $0, at: instant) } ?? Group(id: "g")
    wake = group.firstDue
  }

  // MARK: requests

  @discardableResult
  func join(
    _ memberID: String = "", instance: String? = nil, naming: GroupNaming = .joinsAtOnce,
    protocols: [String] = ["range"], metadata: [UInt8] = [1], type: String = "consumer", session: Int32 = 10_000,
    rebalance: Int32 = 30_000
  ) -> GroupTicket {
    let ticket = ticket()
    lastCandidate += 1
    put(
      .join(
        GroupJoin(
          memberID: memberID, instanceID: instance, candidateID: "m\(lastCandidate)", naming: naming,
          clientID: "client", clientHost: "127.0.0.1", sessionTimeoutMilliseconds: session,
          rebalanceTimeoutMilliseconds: rebalance, protocolType: type,
          protocols: protocols.map { GroupProtocol(name: $0, metadata: metadata) }), ticket))
    return ticket
  }

  @discardableResult
  func sync(
    _ memberID: String, _ generation: Int32, instance: String? = nil, type: String? = nil, name: String? = nil,
    parts: [String: [UInt8]] = [:]
  ) -> GroupTicket {
    let ticket = ticket()
    let claim = GroupClaim(memberID: memberID, instanceID: instance, generation: generation)
    put(.sync(GroupSync(claim: claim, protocolType: type, protocolName: name, assignments: parts), ticket))
    return ticket
  }

  func heartbeat(_ memberID: String, _ generation: Int32, instance: String? = nil) -> ErrorCode? {
    let ticket = ticket()
    put(.heartbeat(GroupClaim(memberID: memberID, instanceID: instance, generation: generation), ticket))
    return verdict(ticket)
  }

  func commit(_ memberID: String, _ generation: Int32, instance: String? = nil) -> ErrorCode? {
    let ticket = ticket()
    put(.commit(GroupClaim(memberID: memberID, instanceID: instance, generation: generation), ticket))
    return verdict(ticket)
  }

  func leave(_ memberID: String, instance: String? = nil) -> [ErrorCode]? {
    let ticket = ticket()
    put(.leave([GroupLeaver(memberID: memberID, instanceID: instance)], ticket))
    guard case .leave(let codes) = answers[ticket] else { return nil }
    return codes
  }

  // MARK: answers

  func joined(_ ticket: GroupTicket) -> GroupJoinAnswer? {
    guard case .join(let answer) = answers[ticket] else { return nil }
    return answer
  }

  func synced(_ ticket: GroupTicket) -> GroupSyncAnswer? {
    guard case .sync(let answer) = answers[ticket] else { return nil }
    return answer
  }

  func verdict(_ ticket: GroupTicket) -> ErrorCode? {
    guard case .verdict(let code) = answers[ticket] else { return nil }
    return code
  }

  // MARK: whole stories

  /// A stable group of one member, who leads it.
  func stableLeader(instance: String? = nil) -> String {
    let ticket = join(instance: instance)
    let answer = joined(ticket)
    sync(answer?.memberID ?? "", answer?.generation ?? 0, instance: instance, parts: [answer?.memberID ?? "": [0xA]])
    settle()
    return answer?.memberID ?? ""
  }

  /// A stable group of a leader and another, in generation 2.
  func stablePair() -> (leader: String, follower: String) {
    let leader = stableLeader()
    let second = join()
    join(leader)
    let follower = joined(second)?.memberID ?? ""
    sync(follower, 2)
    sync(leader, 2, parts: [leader: [1], follower: [2]])
    settle()
    return (leader, follower)
  }
}
