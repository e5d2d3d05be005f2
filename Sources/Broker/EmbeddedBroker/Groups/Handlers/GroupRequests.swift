internal import EventLoop
internal import KafkaWire

/// What clients ask of groups. The coordinator answers, on its loop; the answer leaves on the connection's.
struct GroupRequests: RequestFamily {
  private let coordinator: GroupCoordinator

  init(_ coordinator: GroupCoordinator) { self.coordinator = coordinator }

  func handle(_ key: APIKey, _ exchange: Exchange) throws(WireError) -> Bool {
    let (coordinator, context) = (coordinator, exchange.context)
    switch key {
    case .findCoordinator:
      try exchange.run { (request: FindCoordinatorRequest, context, reply) in
        reply(coordinator.find(request, context))
      }
    case .joinGroup: try hop(exchange) { coordinator.join($0 as JoinGroupRequest, context, reply: $1) }
    case .syncGroup: try hop(exchange) { coordinator.sync($0 as SyncGroupRequest, reply: $1) }
    case .heartbeat: try hop(exchange) { coordinator.heartbeat($0 as HeartbeatRequest, reply: $1) }
    case .leaveGroup: try hop(exchange) { coordinator.leave($0 as LeaveGroupRequest, context, reply: $1) }
    case .describeGroups: try hop(exchange) { $1(coordinator.describe($0 as DescribeGroupsRequest)) }
    case .listGroups: try hop(exchange) { $1(coordinator.list($0 as ListGroupsRequest)) }
    case .offsetCommit: try hop(exchange) { coordinator.commit($0 as OffsetCommitRequest, reply: $1) }
    case .offsetFetch: try hop(exchange) { $1(coordinator.fetch($0 as OffsetFetchRequest, context)) }
    case .deleteGroups: try hop(exchange) { coordinator.delete($0 as DeleteGroupsRequest, reply: $1) }
    case .offsetDelete: try hop(exchange) { coordinator.deleteOffsets($0 as OffsetDeleteRequest, reply: $1) }
    case _: return false
    }
    return true
  }

  /// To the coordinator's loop, and back. The answer takes a turn of its own on the same loop too: a client that goes on at once
  /// must not find a group in the middle of what it decides.
  private func hop<Request: WireRequest>(
    _ exchange: Exchange, _ body: @escaping @Sendable (Request, @escaping (Request.Response) -> Void) -> Void
  ) throws(WireError) {
    let home = coordinator.loop
    try exchange.run { (request: Request, context, reply) in
      let call = LoopCall(reply)
      home.execute {
        body(request) { response in context.loop.execute { call.body(response) } }
      }
    }
  }
}
