internal import EventLoop
internal import KafkaWire

extension Group {
  mutating func take(_ join: GroupJoin, _ ticket: GroupTicket) {
    if let code = refusal(of: join) {
      return answer(ticket, .join(GroupJoinAnswer(code: code, memberID: join.memberID)))
    }
    if join.memberID.isEmpty { return joinAsNew(join, ticket) }
    if pending.removeValue(forKey: join.memberID) != nil { return add(join.memberID, join, ticket) }
    rejoin(join, ticket)
  }

  /// Why the member may not join; nil where it may.
  private func refusal(of join: GroupJoin) -> ErrorCode? {
    if state == .dead { return .coordinatorNotAvailable }
    guard sharesProtocol(with: join) else { return .inconsistentGroupProtocol }
    if join.memberID.isEmpty {
      let isKnown = join.instanceID.map { staticMembers[$0] != nil } ?? false
      let hasRoom = isKnown || members.count + pending.count < GroupLimits.membersPerGroup
      return hasRoom ? nil : .groupMaxSizeReached
    }
    if pending[join.memberID] != nil { return join.instanceID == nil ? nil : .unknownMemberID }
    return refusal(of: join.memberID, join.instanceID)
  }

  private func sharesProtocol(with join: GroupJoin) -> Bool {
    guard !members.isEmpty else { return !join.protocolType.isEmpty && !join.protocols.isEmpty }
    return join.protocolType == protocolType && support.sharesAny(of: join.protocols, amongMembers: members.count)
  }

  private mutating func joinAsNew(_ join: GroupJoin, _ ticket: GroupTicket) {
    if let old = join.instanceID.flatMap({ staticMembers[$0] }) { return replace(old, join, ticket) }
    guard join.instanceID == nil, join.naming == .namedFirst else { return add(join.candidateID, join, ticket) }
    let deadline = now.instant + .milliseconds(join.sessionTimeoutMilliseconds)
    pending[join.candidateID] = deadline
    wake(at: deadline)
    answer(ticket, .join(GroupJoinAnswer(code: .memberIDRequired, memberID: join.candidateID)))
  }

  private mutating func add(_ id: String, _ join: GroupJoin, _ ticket: GroupTicket) {
    if members.isEmpty { protocolType = join.protocolType }
    insert(
      GroupMember(
        id: id, joining: join, number: takeNumber(), deadline: now.instant + GroupLimits.newMemberJoinTime))
    leaderID = leaderID ?? id
    joinTickets[id] = ticket
    rebalance()
  }

  /// A member that the group knows joins again.
  private mutating func rejoin(_ join: GroupJoin, _ ticket: GroupTicket) {
    let hasChanged = members[join.memberID]?.protocols != join.protocols
    switch state {
    case .preparing: update(join, ticket)
    case .completing:
      // Unchanged, its answer was lost: the generation is told again.
      if hasChanged { update(join, ticket) } else { tellGeneration(join.memberID, ticket) }
    case .stable:
      // The leader joins again where it sees something that the members' own words do not show: more partitions, say.
      if hasChanged || join.memberID == leaderID {
        update(join, ticket)
      } else {
        tellGeneration(join.memberID, ticket)
      }
    case .empty, .dead: answer(ticket, .join(GroupJoinAnswer(code: .unknownMemberID, memberID: join.memberID)))
    }
  }

  private mutating func update(_ join: GroupJoin, _ ticket: GroupTicket) {
    guard var member = extract(join.memberID) else { return }
    // An earlier request of the same member has lost its client.
    refuseWaiting(of: member.id, .rebalanceInProgress)
    member.update(join)
    if member.isNew { member.deadline = now.instant + GroupLimits.newMemberJoinTime }
    insert(member)
    joinTickets[member.id] = ticket
    rebalance()
  }

  private mutating func tellGeneration(_ id: String, _ ticket: GroupTicket) {
    touch(id)
    answer(ticket, .join(generationAnswer(to: id, leaderID: leaderID ?? "")))
  }

  /// A static member comes back, and has forgotten the name that the group gave it.
  private mutating func replace(_ old: String, _ join: GroupJoin, _ ticket: GroupTicket) {
    guard var member = extract(old) else { return }
    refuseWaiting(of: old, .fencedInstanceID)
    let leaderBefore = leaderID ?? ""
    member.id = join.candidateID
    member.update(join)
    member.deadline = now.instant + (member.isNew ? GroupLimits.newMemberJoinTime : member.sessionTimeout)
    if leaderID == old { leaderID = member.id }
    insert(member)
    joinTickets[member.id] = ticket
    guard state == .stable, support.choice(of: ordered) == protocolName else { return rebalance() }
    decisions.append(
      .persist(.replacement(memberID: member.id, generation: generation, leaderID: leaderBefore)))
  }

  /// The static member that came back is durable under its new name, or is not.
  mutating func replaced(_ id: String, _ generation: Int32, leaderID: String, _ code: ErrorCode) {
    // A rebalance that has begun meanwhile answers for both.
    guard state == .stable, generation == self.generation, let ticket = joinTickets.removeValue(forKey: id) else {
      return
    }
    touch(id)
    guard code == .none else { return answer(ticket, .join(GroupJoinAnswer(code: code, memberID: id))) }
    var told = generationAnswer(to: id, leaderID: leaderID)
    told.members = []
    answer(ticket, .join(told))
  }

  /// What a member is told of the present generation.
  func generationAnswer(to id: String, leaderID: String) -> GroupJoinAnswer {
    var answer = GroupJoinAnswer(
      memberID: id, generation: generation, protocolType: protocolType, protocolName: protocolName, leaderID: leaderID)
    guard id == leaderID else { return answer }
    answer.members = ordered.map {
      GroupJoinAnswer.Member(memberID: $0.id, instanceID: $0.instanceID, metadata: $0.metadata(for: protocolName))
    }
    return answer
  }
}
