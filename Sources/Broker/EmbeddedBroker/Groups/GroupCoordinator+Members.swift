internal import EventLoop
internal import KafkaWire

extension GroupCoordinator {
  /// Everything is coordinated here, transactions too, where they are.
  func find(_ request: FindCoordinatorRequest, _ context: RequestContext) -> FindCoordinatorResponse {
    FindCoordinatorResponse { response in
      response.nodeID = BrokerOptions.nodeID
      response.host = identity.host
      response.port = Int32(identity.port)
      guard context.version >= 4 else { return }
      response.coordinators = request.coordinatorKeys.map { key in
        FindCoordinatorResponse.Coordinator {
          $0.key = key
          $0.nodeID = BrokerOptions.nodeID
          $0.host = identity.host
          $0.port = Int32(identity.port)
        }
      }
    }
  }

  /// Why a group of that name is not spoken about now; none where it is.
  private func refusal(_ groupID: String) -> ErrorCode {
    if !isLoaded { return .coordinatorLoadInProgress }
    return groupID.isEmpty ? .invalidGroupID : .none
  }

  func join(_ request: JoinGroupRequest, _ context: RequestContext, reply: @escaping (JoinGroupResponse) -> Void) {
    func answer(_ answer: JoinAnswer) {
      reply(
        JoinGroupResponse { response in
          response.errorCode = answer.error
          response.generationID = answer.generation
          response.protocolType = answer.protocolType
          response.protocolName = answer.protocolName ?? (context.version >= 7 ? nil : "")
          response.leader = answer.leader
          response.memberID = answer.memberID
          response.members = answer.members.map { member in
            JoinGroupResponse.Member {
              $0.memberID = member.id
              $0.groupInstanceID = member.instanceID
              $0.metadata = member.metadata[...]
            }
          }
        })
    }
    let refusal = refusal(request.groupID)
    guard refusal == .none else { return answer(JoinAnswer(error: refusal, memberID: request.memberID)) }
    guard group(makingIfMissing: request.groupID) != nil else {
      return answer(JoinAnswer(error: .coordinatorNotAvailable, memberID: request.memberID))
    }
    let isKnown = groups[request.groupID] != nil
    if !isKnown, !request.memberID.isEmpty {
      return answer(JoinAnswer(error: .unknownMemberID, memberID: request.memberID))
    }
    let rebalance = request.rebalanceTimeoutMilliseconds
    var random = SystemRandomNumberGenerator()
    let wish = JoinWish(
      memberID: request.memberID, instanceID: request.groupInstanceID, clientID: context.clientID,
      clientHost: "/\(context.clientHost)", sessionTimeoutMilliseconds: request.sessionTimeoutMilliseconds,
      rebalanceTimeoutMilliseconds: rebalance < 0 ? request.sessionTimeoutMilliseconds : rebalance,
      protocolType: request.protocolType,
      choices: request.protocols.map { GroupMember.Choice(name: $0.name, metadata: Array($0.metadata)) },
      freshID: "\(request.groupInstanceID ?? context.clientID)-\(WireUUID.random(using: &random))",
      mustKnowID: context.version >= 4 ? .comesAgain : .atOnce)
    let token = wait(forJoin: answer)
    change(request.groupID) { $0.join(wish, token: token, at: now) }
    // A first member that was refused leaves no group behind.
    if !isKnown, let group = groups[request.groupID], group.members.isEmpty, group.pending.isEmpty {
      groups[request.groupID] = nil
      emptySince[request.groupID] = nil
    }
  }

  func sync(_ request: SyncGroupRequest, reply: @escaping (SyncGroupResponse) -> Void) {
    func answer(_ answer: SyncAnswer) {
      reply(
        SyncGroupResponse {
          $0.errorCode = answer.error
          $0.protocolType = answer.protocolType
          $0.protocolName = answer.protocolName
          $0.assignment = answer.assignment[...]
        })
    }
    let refusal = refusal(request.groupID)
    guard refusal == .none else { return answer(SyncAnswer(error: refusal)) }
    guard groups[request.groupID] != nil else { return answer(SyncAnswer(error: .unknownMemberID)) }
    let token = wait(forSync: answer)
    change(request.groupID) {
      $0.sync(
        memberID: request.memberID, instanceID: request.groupInstanceID, generation: request.generationID,
        protocolType: request.protocolType, protocolName: request.protocolName,
        shares: request.assignments.map { ($0.memberID, Array($0.assignment)) }, token: token, at: now)
    }
  }

  func heartbeat(_ request: HeartbeatRequest) -> HeartbeatResponse {
    var error = refusal(request.groupID)
    if error == .none {
      error = .unknownMemberID
      if groups[request.groupID] != nil {
        // A beat only moves a deadline away: the timer that is set comes early, and looks again.
        error = groups[request.groupID]!.heartbeat(
          memberID: request.memberID, instanceID: request.groupInstanceID, generation: request.generationID, at: now)
      }
    }
    return HeartbeatResponse { $0.errorCode = error }
  }

  func leave(_ request: LeaveGroupRequest, _ context: RequestContext) -> LeaveGroupResponse {
    let refusal = refusal(request.groupID)
    guard refusal == .none else { return LeaveGroupResponse { $0.errorCode = refusal } }
    guard context.version >= 3 else {
      let error = leave(request.groupID, request.memberID, nil)
      return LeaveGroupResponse { $0.errorCode = error }
    }
    return LeaveGroupResponse { response in
      response.members = request.members.map { member in
        let error = leave(request.groupID, member.memberID, member.groupInstanceID)
        return LeaveGroupResponse.MemberResponse {
          $0.memberID = member.memberID
          $0.groupInstanceID = member.groupInstanceID
          $0.errorCode = error
        }
      }
    }
  }

  private func leave(_ groupID: String, _ memberID: String, _ instanceID: String?) -> ErrorCode {
    guard groups[groupID] != nil else { return .unknownMemberID }
    var error = ErrorCode.none
    change(groupID) { group in
      let (outcome, decisions) = group.leave(memberID: memberID, instanceID: instanceID, at: now)
      error = outcome
      return decisions
    }
    return error
  }
}
