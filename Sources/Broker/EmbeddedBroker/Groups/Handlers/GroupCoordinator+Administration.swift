internal import KafkaWire

extension GroupCoordinator {
  // MARK: looking

  func describe(_ request: DescribeGroupsRequest) -> DescribeGroupsResponse {
    DescribeGroupsResponse { response in
      response.groups = request.groups.map { id in
        DescribeGroupsResponse.DescribedGroup { described in
          described.groupID = id
          described.errorCode = refusal ?? .none
          guard refusal == nil else { return }
          if request.includeAuthorizedOperations { described.authorizedOperations = Self.everyOperation }
          describe(groups[id]?.group ?? Self.nobody, in: &described)
        }
      }
    }
  }

  /// What there is to know of a group that is not there.
  private static let nobody: Group = {
    var group = Group(id: "")
    group.state = .dead
    return group
  }()

  /// The bits of read, delete, describe, and of describing and altering configs: there are no access control lists.
  private static let everyOperation: Int32 = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11

  /// What members have told is shown once the group has chosen how to share out, and has done so.
  private func describe(_ group: Group, in described: inout DescribeGroupsResponse.DescribedGroup) {
    let name = group.state == .stable ? group.protocolName : nil
    described.groupState = group.state.rawValue
    described.protocolType = group.protocolType ?? ""
    described.protocolData = name ?? ""
    described.members = group.ordered.map { member in
      DescribeGroupsResponse.Member {
        $0.memberID = member.id
        $0.groupInstanceID = member.instanceID
        $0.clientID = member.clientID
        $0.clientHost = member.clientHost
        guard let name else { return }
        $0.memberMetadata = member.metadata(for: name)[...]
        $0.memberAssignment = member.assignment[...]
      }
    }
  }

  func list(_ request: ListGroupsRequest) -> ListGroupsResponse {
    ListGroupsResponse { response in
      response.errorCode = refusal ?? .none
      guard refusal == nil else { return }
      let states = Set(request.statesFilter.map { $0.lowercased() })
      for (id, entry) in groups.sorted(by: { $0.key < $1.key }) {
        let state = entry.group.state.rawValue
        guard states.isEmpty || states.contains(state.lowercased()) else { continue }
        response.groups.append(
          ListGroupsResponse.ListedGroup {
            $0.groupID = id
            $0.protocolType = entry.group.protocolType ?? ""
            $0.groupState = state
          })
      }
    }
  }

  // MARK: taking out

  func delete(_ request: DeleteGroupsRequest, reply: @escaping (DeleteGroupsResponse) -> Void) {
    if let refusal { return reply(Self.response(request.groupNames.map { ($0, refusal) })) }
    var codes: [String: ErrorCode] = [:]
    let names = Set(request.groupNames)
    guard !names.isEmpty else { return reply(DeleteGroupsResponse()) }
    for id in names {
      deleteGroup(id) { code in
        codes[id] = code
        guard codes.count == names.count else { return }
        reply(Self.response(request.groupNames.map { ($0, codes[$0] ?? .none) }))
      }
    }
  }

  private static func response(_ results: [(id: String, code: ErrorCode)]) -> DeleteGroupsResponse {
    DeleteGroupsResponse { response in
      response.results = results.map { result in
        DeleteGroupsResponse.DeletionResult {
          $0.groupID = result.id
          $0.errorCode = result.code
        }
      }
    }
  }

  func deleteOffsets(_ request: OffsetDeleteRequest, reply: @escaping (OffsetDeleteResponse) -> Void) {
    if let code = refusal(ofOffsetDelete: request) { return reply(OffsetDeleteResponse { $0.errorCode = code }) }
    let (id, snapshot) = (request.groupID, topics.snapshot)
    let subscribed = groups[id].map { Subscriptions($0.group) }
    var wanted: Set<PartitionName> = []
    var response = OffsetDeleteResponse()
    response.topics = request.topics.map { topic in
      OffsetDeleteResponse.TopicResponse { answer in
        answer.name = topic.name
        answer.partitions = topic.partitions.map { partition in
          let isThere = snapshot.topic(topic.name)?.partition(partition.partitionIndex) != nil
          let isRead = subscribed?.mayRead(topic.name) ?? false
          if isThere, !isRead { wanted.insert(PartitionName(topic.name, partition.partitionIndex)) }
          return OffsetDeleteResponse.PartitionResponse {
            $0.partitionIndex = partition.partitionIndex
            $0.errorCode = !isThere ? .unknownTopicOrPartition : isRead ? .groupSubscribedToTopic : .none
          }
        }
      }
    }
    let removal = offsets.removal(of: id) { wanted.contains($0) }
    remove(removal, of: id) { [self] code in
      forgetIfNothing(id)
      reply(code == .none ? response : OffsetDeleteResponse { $0.errorCode = code })
    }
  }

  private func refusal(ofOffsetDelete request: OffsetDeleteRequest) -> ErrorCode? {
    if let refusal { return refusal }
    guard let group = groups[request.groupID]?.group, group.state != .dead else { return .groupIDNotFound }
    // What others than consumers read is not known.
    return group.members.isEmpty || group.protocolType == Subscriptions.protocolType ? nil : .nonEmptyGroup
  }
}
