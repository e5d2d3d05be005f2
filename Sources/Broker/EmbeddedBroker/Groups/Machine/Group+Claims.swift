internal import EventLoop
internal import KafkaWire

extension Group {
  /// A member says that it lives.
  mutating func heartbeat(_ claim: GroupClaim) -> ErrorCode {
    if state == .dead { return .coordinatorNotAvailable }
    if let code = refusal(of: claim.memberID, claim.instanceID) { return code }
    guard claim.generation == generation else { return .illegalGeneration }
    touch(claim.memberID)
    switch state {
    case .completing, .stable: return .none
    case .preparing: return .rebalanceInProgress
    case .empty, .dead: return .unknownMemberID
    }
  }

  /// Whether who speaks may commit offsets.
  mutating func commit(_ claim: GroupClaim) -> ErrorCode {
    if state == .dead { return .coordinatorNotAvailable }
    if state == .empty, claim.generation < 0 { return .none }
    // Somebody from outside, while members are at work.
    guard claim.generation >= 0 || !claim.memberID.isEmpty || claim.instanceID != nil else { return .unknownMemberID }
    if let code = refusal(of: claim.memberID, claim.instanceID) { return code }
    guard claim.generation == generation else { return .illegalGeneration }
    touch(claim.memberID)
    // Its part is not known yet, so it cannot have worked on one. Before the next generation begins, the last one may still
    // commit what it has done.
    return state == .completing ? .rebalanceInProgress : .none
  }

  /// Takes members out, and says of each what came of it.
  mutating func leave(_ leavers: [GroupLeaver]) -> [ErrorCode] {
    if state == .dead { return leavers.map { _ in .coordinatorNotAvailable } }
    let count = members.count
    let codes = leavers.map { leave($0) }
    if members.count < count { membersHaveLeft() } else { advance() }
    return codes
  }

  private mutating func leave(_ leaver: GroupLeaver) -> ErrorCode {
    if leaver.memberID.isEmpty, let instance = leaver.instanceID {
      guard let id = staticMembers[instance] else { return .unknownMemberID }
      remove(id)
      return .none
    }
    if pending[leaver.memberID] != nil {
      guard leaver.instanceID == nil else { return .unknownMemberID }
      pending[leaver.memberID] = nil
      return .none
    }
    if let code = refusal(of: leaver.memberID, leaver.instanceID) { return code }
    remove(leaver.memberID)
    return .none
  }
}
