internal import KafkaWire

extension Group {
  /// A member wants in, or comes again.
  mutating func join(_ wish: JoinWish, token: Int, at now: Int64) -> [GroupDecision] {
    guard GroupLimits.sessionTimeouts.contains(wish.sessionTimeoutMilliseconds) else {
      return refuse(token, .invalidSessionTimeout, wish.memberID)
    }
    guard supports(wish) else { return refuse(token, .inconsistentGroupProtocol, wish.memberID) }
    return wish.memberID.isEmpty ? joinAnew(wish, token, now) : joinAgain(wish, token, now)
  }

  private func refuse(_ token: Int, _ error: ErrorCode, _ memberID: String) -> [GroupDecision] {
    [.joined(token: token, JoinAnswer(error: error, memberID: memberID))]
  }

  private func supports(_ wish: JoinWish) -> Bool {
    guard !wish.protocolType.isEmpty, !wish.choices.isEmpty else { return false }
    let others = members.filter { $0.id != wish.memberID && ($0.instanceID == nil || $0.instanceID != wish.instanceID) }
    guard let first = others.first else { return members.isEmpty || protocolType == wish.protocolType }
    guard protocolType == wish.protocolType else { return false }
    let known = others.dropFirst().reduce(Set(first.choices.map(\.name))) { $0.intersection($1.choices.map(\.name)) }
    return wish.choices.contains { known.contains($0.name) }
  }

  private mutating func joinAnew(_ wish: JoinWish, _ token: Int, _ now: Int64) -> [GroupDecision] {
    if let instanceID = wish.instanceID, let index = index(ofInstance: instanceID) {
      return replace(at: index, wish, token, now)
    }
    guard members.count + pending.count < GroupLimits.members else {
      return refuse(token, .groupMaxSizeReached, "")
    }
    if wish.instanceID == nil, wish.mustKnowID == .comesAgain {
      pending[wish.freshID] = now + Int64(wish.sessionTimeoutMilliseconds)
      return refuse(token, .memberIDRequired, wish.freshID)
    }
    return add(wish, wish.freshID, token, now)
  }

  private mutating func joinAgain(_ wish: JoinWish, _ token: Int, _ now: Int64) -> [GroupDecision] {
    if pending.removeValue(forKey: wish.memberID) != nil { return add(wish, wish.memberID, token, now) }
    if let instanceID = wish.instanceID {
      guard let index = index(ofInstance: instanceID) else { return refuse(token, .unknownMemberID, wish.memberID) }
      guard members[index].id == wish.memberID else { return refuse(token, .fencedInstanceID, wish.memberID) }
    }
    guard let index = index(of: wish.memberID) else { return refuse(token, .unknownMemberID, wish.memberID) }
    let isSame = members[index].choices == wish.choices
    switch state {
    case .empty: return refuse(token, .unknownMemberID, wish.memberID)
    case .preparingRebalance: return update(at: index, wish, token, now)
    case .completingRebalance:
      // Its answer was lost: it is told again.
      return isSame ? tellAgain(index, token, now) : update(at: index, wish, token, now)
    case .stable:
      return isSame && wish.memberID != leaderID ? tellAgain(index, token, now) : update(at: index, wish, token, now)
    }
  }

  private mutating func tellAgain(_ index: Int, _ token: Int, _ now: Int64) -> [GroupDecision] {
    members[index].deadline = now + Int64(members[index].sessionTimeoutMilliseconds)
    return [.joined(token: token, answer(to: members[index]))]
  }

  private mutating func add(_ wish: JoinWish, _ memberID: String, _ token: Int, _ now: Int64) -> [GroupDecision] {
    if members.isEmpty { protocolType = wish.protocolType }
    members.append(
      GroupMember(
        id: memberID, instanceID: wish.instanceID, clientID: wish.clientID, clientHost: wish.clientHost,
        sessionTimeoutMilliseconds: wish.sessionTimeoutMilliseconds,
        rebalanceTimeoutMilliseconds: wish.rebalanceTimeoutMilliseconds, choices: wish.choices,
        deadline: now + Int64(wish.sessionTimeoutMilliseconds), joinToken: token))
    return prepareRebalance(at: now)
  }

  private mutating func update(at index: Int, _ wish: JoinWish, _ token: Int, _ now: Int64) -> [GroupDecision] {
    var decisions: [GroupDecision] = []
    if let old = members[index].joinToken, old != token {
      // A second try of the same member: the first one's connection is gone, or was given up.
      decisions.append(.joined(token: old, JoinAnswer(error: .rebalanceInProgress, memberID: wish.memberID)))
    }
    members[index].choices = wish.choices
    members[index].sessionTimeoutMilliseconds = wish.sessionTimeoutMilliseconds
    members[index].rebalanceTimeoutMilliseconds = wish.rebalanceTimeoutMilliseconds
    members[index].joinToken = token
    return decisions + prepareRebalance(at: now)
  }

  /// Who has a name has come back with a new id: the old one is fenced. In a stable group that it fits into nobody else notices.
  private mutating func replace(at index: Int, _ wish: JoinWish, _ token: Int, _ now: Int64) -> [GroupDecision] {
    let old = members[index]
    var decisions: [GroupDecision] = []
    if let token = old.joinToken {
      decisions.append(.joined(token: token, JoinAnswer(error: .fencedInstanceID, memberID: old.id)))
    }
    if let token = old.syncToken { decisions.append(.synced(token: token, SyncAnswer(error: .fencedInstanceID))) }
    members[index] = GroupMember(
      id: wish.freshID, instanceID: wish.instanceID, clientID: wish.clientID, clientHost: wish.clientHost,
      sessionTimeoutMilliseconds: wish.sessionTimeoutMilliseconds,
      rebalanceTimeoutMilliseconds: wish.rebalanceTimeoutMilliseconds, choices: wish.choices,
      assignment: old.assignment, deadline: now + Int64(wish.sessionTimeoutMilliseconds))
    let ledBefore = leaderID
    if leaderID == old.id { leaderID = wish.freshID }
    if state == .stable, old.choices == wish.choices {
      var answer = answer(to: members[index])
      // It must not share out anew: it is told the old leader's id, and so takes the share that it had.
      answer.leader = ledBefore ?? ""
      answer.members = []
      return decisions + [.joined(token: token, answer), .keep(generation: generation)]
    }
    members[index].joinToken = token
    return decisions + prepareRebalance(at: now)
  }
}
