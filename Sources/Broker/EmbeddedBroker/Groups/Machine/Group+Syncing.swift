internal import EventLoop
internal import KafkaWire

extension Group {
  mutating func take(_ sync: GroupSync, _ ticket: GroupTicket) {
    if let code = refusal(of: sync) { return answer(ticket, .sync(GroupSyncAnswer(code: code))) }
    let id = sync.claim.memberID
    unsynced.remove(id)
    if state == .stable {
      touch(id)
      return answer(ticket, .sync(part(of: id)))
    }
    // An earlier request of the same member has lost its client.
    refuseWaiting(of: id, .rebalanceInProgress)
    syncTickets[id] = ticket
    guard id == leaderID, persistingGeneration != generation else { return }
    persistingGeneration = generation
    shareOut(sync.assignments)
    decisions.append(.persist(.assignment(generation: generation)))
  }

  private func refusal(of sync: GroupSync) -> ErrorCode? {
    if state == .dead { return .coordinatorNotAvailable }
    if let code = refusal(of: sync.claim.memberID, sync.claim.instanceID) { return code }
    guard sync.claim.generation == generation else { return .illegalGeneration }
    if let type = sync.protocolType, type != protocolType { return .inconsistentGroupProtocol }
    if let name = sync.protocolName, name != protocolName { return .inconsistentGroupProtocol }
    switch state {
    case .completing, .stable: return nil
    case .preparing: return .rebalanceInProgress
    case .empty, .dead: return .unknownMemberID
    }
  }

  /// Gives each member its part; nothing to whom the leader has left out.
  private mutating func shareOut(_ assignments: [String: [UInt8]]) {
    for id in members.keys {
      let part = assignments[id] ?? []
      byteCount += part.count - (members[id]?.assignment.count ?? 0)
      members[id]?.assignment = part
    }
  }

  private func part(of id: String) -> GroupSyncAnswer {
    GroupSyncAnswer(
      protocolType: protocolType, protocolName: protocolName, assignment: members[id]?.assignment ?? [])
  }

  mutating func persisted(_ persistence: GroupPersistence, _ code: ErrorCode) {
    switch persistence {
    case .assignment(let generation): sharedOut(generation, code)
    case .replacement(let id, let generation, let leader): replaced(id, generation, leaderID: leader, code)
    case .emptiness: break
    }
  }

  /// The parts are durable, or are not.
  private mutating func sharedOut(_ generation: Int32, _ code: ErrorCode) {
    guard state == .completing, generation == self.generation else { return }
    persistingGeneration = nil
    guard code == .none else {
      refuseSyncs(code)
      return rebalance()
    }
    change(to: .stable)
    let waiting = syncTickets.sorted { $0.value.number < $1.value.number }
    syncTickets = [:]
    for (id, ticket) in waiting {
      touch(id)
      answer(ticket, .sync(part(of: id)))
    }
  }

  /// The generation comes to nothing: who waits for its part is told, and nobody has one.
  mutating func refuseSyncs(_ code: ErrorCode) {
    let waiting = syncTickets.sorted { $0.value.number < $1.value.number }
    syncTickets = [:]
    shareOut([:])
    for (id, ticket) in waiting {
      touch(id)
      answer(ticket, .sync(GroupSyncAnswer(code: code)))
    }
  }

  /// Members that have not asked for their part in all that time go.
  mutating func dropUnsynced() {
    syncDeadline = nil
    guard state == .completing || state == .stable, !unsynced.isEmpty else { return }
    for id in unsynced.sorted() { remove(id) }
    rebalance()
  }
}
