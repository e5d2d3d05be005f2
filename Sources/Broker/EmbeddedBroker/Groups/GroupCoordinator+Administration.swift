internal import KafkaWire

extension GroupCoordinator {
  func describe(_ request: DescribeGroupsRequest) -> DescribeGroupsResponse {
    DescribeGroupsResponse { response in
      response.groups = request.groups.map { id in
        DescribeGroupsResponse.DescribedGroup { described in
          described.groupID = id
          guard isLoaded else {
            described.errorCode = .coordinatorLoadInProgress
            return
          }
          guard let group = groups[id] else {
            described.groupState = offsets.partitions(of: id).isEmpty ? "Dead" : Group.State.empty.rawValue
            return
          }
          fill(&described, group)
        }
      }
    }
  }

  private func fill(_ described: inout DescribeGroupsResponse.DescribedGroup, _ group: Group) {
    described.groupState = group.state.rawValue
    described.protocolType = group.protocolType ?? ""
    described.protocolData = group.state == .stable ? group.protocolName ?? "" : ""
    described.members = group.members.map { member in
      DescribeGroupsResponse.Member {
        $0.memberID = member.id
        $0.groupInstanceID = member.instanceID
        $0.clientID = member.clientID
        $0.clientHost = member.clientHost
        if group.state == .stable {
          $0.memberMetadata = member.metadata(of: group.protocolName ?? "")[...]
          $0.memberAssignment = member.assignment[...]
        }
      }
    }
  }

  func list(_ request: ListGroupsRequest) -> ListGroupsResponse {
    ListGroupsResponse { response in
      guard isLoaded else {
        response.errorCode = .coordinatorLoadInProgress
        return
      }
      let states = Set(request.statesFilter.map { $0.lowercased() })
      let all = Set(groups.keys).union(offsets.groups.keys)
      response.groups = all.sorted().compactMap { id in
        let state = groups[id]?.state ?? .empty
        guard states.isEmpty || states.contains(state.rawValue.lowercased()) else { return nil }
        return ListGroupsResponse.ListedGroup {
          $0.groupID = id
          $0.protocolType = groups[id]?.protocolType ?? ""
          $0.groupState = state.rawValue
        }
      }
    }
  }

  func delete(_ request: DeleteGroupsRequest) -> DeleteGroupsResponse {
    DeleteGroupsResponse { response in
      response.results = request.groupNames.map { id in
        let error = delete(id)
        return DeleteGroupsResponse.DeletionResult {
          $0.groupID = id
          $0.errorCode = error
        }
      }
    }
  }

  private func delete(_ id: String) -> ErrorCode {
    guard isLoaded else { return .coordinatorLoadInProgress }
    let committed = offsets.partitions(of: id)
    guard groups[id] != nil || !committed.isEmpty else { return .groupIDNotFound }
    guard groups[id]?.members.isEmpty ?? true else { return .nonEmptyGroup }
    forget(id, committed)
    drop(id)
    return .none
  }

  func deleteOffsets(_ request: OffsetDeleteRequest) -> OffsetDeleteResponse {
    OffsetDeleteResponse { response in
      guard isLoaded else {
        response.errorCode = .coordinatorLoadInProgress
        return
      }
      let id = request.groupID
      guard groups[id] != nil || !offsets.partitions(of: id).isEmpty else {
        response.errorCode = .groupIDNotFound
        return
      }
      let used = groups[id].map(Self.subscribedTopics) ?? []
      var gone: [PartitionName] = []
      response.topics = request.topics.map { topic in
        OffsetDeleteResponse.TopicResponse { answer in
          answer.name = topic.name
          answer.partitions = topic.partitions.map { partition in
            let isUsed = used.contains(topic.name)
            if !isUsed { gone.append(PartitionName(topic.name, partition.partitionIndex)) }
            return OffsetDeleteResponse.PartitionResponse {
              $0.partitionIndex = partition.partitionIndex
              $0.errorCode = isUsed ? .groupSubscribedToTopic : .none
            }
          }
        }
      }
      forget(id, gone.filter { offsets.offset(id, $0) != nil })
    }
  }

  /// The topics that live consumers of the group have subscribed to, as each says in the consumer protocol's metadata.
  private static func subscribedTopics(_ group: Group) -> Set<String> {
    var topics: Set<String> = []
    for member in group.members {
      let metadata = member.metadata(of: group.protocolName ?? member.choices.first?.name ?? "")
      var reader = WireDecoder(metadata[...], version: 0, flexible: false)
      var (version, names) = (Int16(0), [String]())
      guard (try? reader.integer(&version)) != nil, (try? reader.array(&names)) != nil else { continue }
      topics.formUnion(names)
    }
    return topics
  }
}
