internal import EventLoop
internal import KafkaWire

/// What clients ask the group coordinator: it answers on its loop, the answer leaves on the connection's.
struct GroupRequests: RequestFamily {
  private let coordinator: GroupCoordinator

  init(_ coordinator: GroupCoordinator) { self.coordinator = coordinator }

  func handle(_ key: APIKey, _ exchange: Exchange) throws(WireError) -> Bool {
    let coordinator = coordinator
    let context = exchange.context
    switch key {
    case .findCoordinator: try exchange.run { reply($2, coordinator.find($0 as FindCoordinatorRequest, $1)) }
    case .joinGroup: try hop(exchange) { coordinator.join($0 as JoinGroupRequest, context, reply: $1) }
    case .syncGroup: try hop(exchange) { coordinator.sync($0 as SyncGroupRequest, reply: $1) }
    case .heartbeat: try hop(exchange) { $1(coordinator.heartbeat($0 as HeartbeatRequest)) }
    case .leaveGroup: try hop(exchange) { $1(coordinator.leave($0 as LeaveGroupRequest, context)) }
    case .describeGroups: try hop(exchange) { $1(coordinator.describe($0 as DescribeGroupsRequest)) }
    case .listGroups: try hop(exchange) { $1(coordinator.list($0 as ListGroupsRequest)) }
    case .offsetCommit: try hop(exchange) { coordinator.commit($0 as OffsetCommitRequest, reply: $1) }
    case .offsetFetch: try hop(exchange) { $1(coordinator.fetch($0 as OffsetFetchRequest, context)) }
    case .deleteGroups: try hop(exchange) { $1(coordinator.delete($0 as DeleteGroupsRequest)) }
    case .offsetDelete: try hop(exchange) { $1(coordinator.deleteOffsets($0 as OffsetDeleteRequest)) }
    case _: return false
    }
    return true
  }

  private func reply<Response>(_ call: (Response) -> Void, _ response: Response) { call(response) }

  /// To the coordinator's loop, and back.
  private func hop<Request: WireRequest>(
    _ exchange: Exchange, _ body: @escaping @Sendable (Request, @escaping (Request.Response) -> Void) -> Void
  ) throws(WireError) {
    let home = coordinator.loop
    try exchange.run { (request: Request, context, reply) in
      guard home !== context.loop else { return body(request, reply) }
      let call = LoopCall(reply)
      home.execute {
        body(request) { response in context.loop.execute { call.body(response) } }
      }
    }
  }
}
