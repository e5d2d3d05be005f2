internal import EventLoop
internal import KafkaWire

extension GroupCoordinator {
  /// Where groups are coordinated: here. Transactions are not offered, and a client that wants one must hear so, not look on.
  func find(_ request: FindCoordinatorRequest, _ context: RequestContext) -> FindCoordinatorResponse {
    let code: ErrorCode =
      switch request.keyType {
      case 0: .none
      case 1: .transactionalIDAuthorizationFailed
      case _: .invalidRequest
      }
    let message = code == .none ? "NONE" : "this broker coordinates groups alone"
    return FindCoordinatorResponse { response in
      if context.version >= 4 {
        response.coordinators = request.coordinatorKeys.map { key in
          FindCoordinatorResponse.Coordinator {
            $0.key = key
            $0.errorCode = code
            $0.errorMessage = code == .none ? "" : message
            $0.nodeID = code == .none ? BrokerOptions.nodeID : -1
            $0.host = code == .none ? identity.host : ""
            $0.port = code == .none ? Int32(identity.port) : -1
          }
        }
        return
      }
      response.errorCode = code
      response.errorMessage = message
      response.nodeID = code == .none ? BrokerOptions.nodeID : -1
      response.host = code == .none ? identity.host : ""
      response.port = code == .none ? Int32(identity.port) : -1
    }
  }

  /// Why a request of a member is not looked at; nil where it is.
  private func refusal(of groupID: String) -> ErrorCode? {
    groupID.isEmpty ? .invalidGroupID : refusal
  }

  // MARK: joining

  func join(_ request: JoinGroupRequest, _ context: RequestContext, reply: @escaping (JoinGroupResponse) -> Void) {
    let answer = { (answer: GroupJoinAnswer) in reply(JoinGroupResponse(answer, version: context.version)) }
    if let code = refusal(ofJoin: request) {
      return answer(GroupJoinAnswer(code: code, memberID: request.memberID))
    }
    let join = GroupJoin(
      memberID: request.memberID, instanceID: request.groupInstanceID,
      candidateID: "\(request.groupInstanceID ?? context.clientID)-\(Self.uniqueText())",
      naming: context.version >= 4 ? .namedFirst : .joinsAtOnce, clientID: context.clientID,
      clientHost: "/\(context.clientHost)", sessionTimeoutMilliseconds: request.sessionTimeoutMilliseconds,
      rebalanceTimeoutMilliseconds: request.rebalanceTimeoutMilliseconds, protocolType: request.protocolType,
      protocols: request.protocols.map { GroupProtocol(name: $0.name, metadata: Array($0.metadata)) })
    ask(request.groupID) {
      if case .join(let told) = $0 { answer(told) }
    } _: {
      .join(join, $0)
    }
  }

  private func refusal(ofJoin request: JoinGroupRequest) -> ErrorCode? {
    if let code = refusal(of: request.groupID) { return code }
    guard GroupLimits.sessionTimeoutMilliseconds.contains(request.sessionTimeoutMilliseconds) else {
      return .invalidSessionTimeout
    }
    if groups[request.groupID] == nil {
      guard request.memberID.isEmpty else { return .unknownMemberID }
      guard hasRoomForGroup else { return .policyViolation }
    }
    guard !request.memberID.isEmpty || memberCount < GroupLimits.members else { return .groupMaxSizeReached }
    let told = request.protocols.reduce(0) { $0 + $1.metadata.count + $1.name.utf8.count }
    guard memberBytes + told <= GroupLimits.memberBytes else { return .policyViolation }
    return nil
  }

  /// What makes a member's name its own, as RFC 9562 writes it.
  private static func uniqueText() -> String {
    var random = SystemRandomNumberGenerator()
    let digits = (0..<2).map { _ in
      let text = String(random.next(), radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
    var text = ""
    for (index, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(index) { text.append("-") }
      text.append(digit)
    }
    return text
  }

  func sync(_ request: SyncGroupRequest, reply: @escaping (SyncGroupResponse) -> Void) {
    let answer = { (answer: GroupSyncAnswer) in
      reply(
        SyncGroupResponse {
          $0.errorCode = answer.code
          $0.protocolType = answer.protocolType
          $0.protocolName = answer.protocolName
          $0.assignment = answer.assignment[...]
        })
    }
    let told = request.assignments.reduce(0) { $0 + $1.assignment.count }
    let isTooMuch = memberBytes + told > GroupLimits.memberBytes
    let isUnknown: ErrorCode? = groups[request.groupID] == nil ? .unknownMemberID : nil
    if let code = refusal(of: request.groupID) ?? isUnknown ?? (isTooMuch ? .policyViolation : nil) {
      return answer(GroupSyncAnswer(code: code))
    }
    let parts = request.assignments.map { ($0.memberID, Array($0.assignment)) }
    let sync = GroupSync(
      claim: GroupClaim(
        memberID: request.memberID, instanceID: request.groupInstanceID, generation: request.generationID),
      protocolType: request.protocolType, protocolName: request.protocolName,
      assignments: Dictionary(parts) { _, last in last })
    ask(request.groupID) {
      if case .sync(let told) = $0 { answer(told) }
    } _: {
      .sync(sync, $0)
    }
  }

  // MARK: living and leaving

  func heartbeat(_ request: HeartbeatRequest, reply: @escaping (HeartbeatResponse) -> Void) {
    let answer = { (code: ErrorCode) in reply(HeartbeatResponse { $0.errorCode = code }) }
    if let code = refusal(of: request.groupID) { return answer(code) }
    guard groups[request.groupID] != nil else { return answer(.unknownMemberID) }
    let claim = GroupClaim(
      memberID: request.memberID, instanceID: request.groupInstanceID, generation: request.generationID)
    ask(request.groupID) {
      if case .verdict(let code) = $0 { answer(code) }
    } _: {
      .heartbeat(claim, $0)
    }
  }

  func leave(_ request: LeaveGroupRequest, _ context: RequestContext, reply: @escaping (LeaveGroupResponse) -> Void) {
    if let code = refusal(of: request.groupID) { return reply(LeaveGroupResponse { $0.errorCode = code }) }
    let listed = request.members.map { GroupLeaver(memberID: $0.memberID, instanceID: $0.groupInstanceID) }
    let leavers = context.version >= 3 ? listed : [GroupLeaver(memberID: request.memberID)]
    let answer = { (codes: [ErrorCode]) in
      reply(
        LeaveGroupResponse { response in
          guard context.version >= 3 else {
            response.errorCode = codes.first ?? .none
            return
          }
          response.members = zip(leavers, codes).map { leaver, code in
            LeaveGroupResponse.MemberResponse {
              $0.memberID = leaver.memberID
              $0.groupInstanceID = leaver.instanceID
              $0.errorCode = code
            }
          }
        })
    }
    guard groups[request.groupID] != nil else { return answer(leavers.map { _ in .unknownMemberID }) }
    ask(request.groupID) {
      if case .leave(let codes) = $0 { answer(codes) }
    } _: {
      .leave(leavers, $0)
    }
  }
}

extension JoinGroupResponse {
  fileprivate init(_ answer: GroupJoinAnswer, version: Int16) {
    self.init {
      $0.errorCode = answer.code
      $0.generationID = answer.generation
      $0.protocolType = answer.protocolType
      $0.protocolName = answer.protocolName ?? (version >= 7 ? nil : "")
      $0.leader = answer.leaderID
      $0.memberID = answer.memberID
      $0.members = answer.members.map { member in
        JoinGroupResponse.Member {
          $0.memberID = member.memberID
          $0.groupInstanceID = member.instanceID
          $0.metadata = member.metadata[...]
        }
      }
    }
  }
}
