internal import KafkaWire

extension Group {
  /// Whether somebody who says so is a member of the generation: the error where not.
  func check(_ memberID: String, _ instanceID: String?, generation: Int32?) -> ErrorCode {
    if let instanceID {
      guard let index = index(ofInstance: instanceID) else { return .unknownMemberID }
      guard members[index].id == memberID else { return .fencedInstanceID }
    }
    guard index(of: memberID) != nil else { return .unknownMemberID }
    if let generation, generation != self.generation { return .illegalGeneration }
    return .none
  }

  private mutating func refresh(_ memberID: String, _ now: Int64) {
    guard let index = index(of: memberID) else { return }
    members[index].deadline = now + Int64(members[index].sessionTimeoutMilliseconds)
  }

  /// A member asks for its share; the leader brings everybody's.
  mutating func sync(
    memberID: String, instanceID: String?, generation: Int32, protocolType: String?, protocolName: String?,
    shares: [(memberID: String, share: [UInt8])], token: Int, at now: Int64
  ) -> [GroupDecision] {
    func refuse(_ error: ErrorCode) -> [GroupDecision] { [.synced(token: token, SyncAnswer(error: error))] }
    let error = check(memberID, instanceID, generation: generation)
    guard error == .none, let index = index(of: memberID) else { return refuse(error) }
    if let protocolType, protocolType != self.protocolType { return refuse(.inconsistentGroupProtocol) }
    if let protocolName, protocolName != self.protocolName { return refuse(.inconsistentGroupProtocol) }
    switch state {
    case .empty: return refuse(.unknownMemberID)
    case .preparingRebalance: return refuse(.rebalanceInProgress)
    case .stable:
      refresh(memberID, now)
      return [.synced(token: token, share(of: members[index]))]
    case .completingRebalance:
      var decisions: [GroupDecision] = []
      if let old = members[index].syncToken {
        decisions.append(.synced(token: old, SyncAnswer(error: .rebalanceInProgress)))
      }
      members[index].syncToken = token
      guard memberID == leaderID, !isKeeping else { return decisions }
      let byMember = Dictionary(shares.map { ($0.memberID, $0.share) }, uniquingKeysWith: { $1 })
      for index in members.indices { members[index].assignment = byMember[members[index].id] ?? [] }
      isKeeping = true
      return decisions + [.keep(generation: self.generation)]
    }
  }

  private func share(of member: GroupMember) -> SyncAnswer {
    SyncAnswer(protocolType: protocolType, protocolName: protocolName, assignment: member.assignment)
  }

  /// The group as it was in that generation is kept, or could not be: only then the shares are handed out.
  mutating func kept(generation: Int32, error: ErrorCode, at now: Int64) -> [GroupDecision] {
    guard state == .completingRebalance, generation == self.generation, isKeeping else { return [] }
    isKeeping = false
    guard error == .none else { return resetShares(error) + prepareRebalance(at: now) }
    state = .stable
    var decisions: [GroupDecision] = []
    for index in members.indices {
      members[index].deadline = now + Int64(members[index].sessionTimeoutMilliseconds)
      guard let token = members[index].syncToken else { continue }
      members[index].syncToken = nil
      decisions.append(.synced(token: token, share(of: members[index])))
    }
    return decisions
  }

  /// A member is alive.
  mutating func heartbeat(memberID: String, instanceID: String?, generation: Int32, at now: Int64) -> ErrorCode {
    let error = check(memberID, instanceID, generation: generation)
    guard error == .none else { return error }
    refresh(memberID, now)
    return state == .preparingRebalance ? .rebalanceInProgress : .none
  }

  /// A member goes.
  mutating func leave(memberID: String, instanceID: String?, at now: Int64) -> (ErrorCode, [GroupDecision]) {
    if instanceID == nil, pending.removeValue(forKey: memberID) != nil {
      return (.none, completeJoinIfAllAreThere(at: now))
    }
    if let instanceID {
      guard let index = index(ofInstance: instanceID) else { return (.unknownMemberID, []) }
      guard memberID.isEmpty || members[index].id == memberID else { return (.fencedInstanceID, []) }
      return (.none, remove(at: index, now))
    }
    guard let index = index(of: memberID) else { return (.unknownMemberID, []) }
    return (.none, remove(at: index, now))
  }

  /// Whether somebody may commit offsets; a member that may is alive.
  mutating func commit(memberID: String, instanceID: String?, generation: Int32, at now: Int64) -> ErrorCode {
    // Who is in no group may commit where there is none.
    if generation < 0, memberID.isEmpty { return members.isEmpty ? .none : .unknownMemberID }
    if members.isEmpty { return .illegalGeneration }
    let error = check(memberID, instanceID, generation: generation)
    guard error == .none else { return error }
    if state == .completingRebalance { return .rebalanceInProgress }
    refresh(memberID, now)
    return .none
  }

  /// Members that a start has found again get their whole session to show up.
  mutating func restore(at now: Int64) {
    for index in members.indices {
      members[index].deadline = now + Int64(members[index].sessionTimeoutMilliseconds)
    }
  }
}
