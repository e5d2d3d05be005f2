internal import EventLoop
internal import KafkaWire

/// What clients ask about topics, configs and the broker, and what they ask to change of them. The controller answers, on its
/// loop; the answer leaves on the connection's.
struct TopicRequests: RequestFamily {
  private let controller: TopicController
  private let identity: BrokerIdentity

  init(_ controller: TopicController, _ identity: BrokerIdentity) {
    self.controller = controller
    self.identity = identity
  }

  func handle(_ key: APIKey, _ exchange: Exchange) throws(WireError) -> Bool {
    let controller = controller
    switch key {
    case .createTopics: try run(exchange) { await controller.answer($0 as CreateTopicsRequest) }
    case .deleteTopics:
      let version = exchange.context.version
      try run(exchange) { await controller.answer($0 as DeleteTopicsRequest, version: version) }
    case .createPartitions: try run(exchange) { await controller.answer($0 as CreatePartitionsRequest) }
    case .deleteRecords: try run(exchange) { await controller.answer($0 as DeleteRecordsRequest) }
    case .describeConfigs: try run(exchange) { await controller.answer($0 as DescribeConfigsRequest) }
    case .alterConfigs: try run(exchange) { await controller.answer($0 as AlterConfigsRequest) }
    case .incrementalAlterConfigs: try run(exchange) { await controller.answer($0 as IncrementalAlterConfigsRequest) }
    case .describeLogDirs: try run(exchange) { await controller.answer($0 as DescribeLogDirsRequest) }
    case .describeProducers: try run(exchange) { await controller.answer($0 as DescribeProducersRequest) }
    case .describeCluster:
      let identity = identity
      try exchange.run { (request: DescribeClusterRequest, _, reply) in reply(identity.answer(request)) }
    case _: return false
    }
    return true
  }

  private func run<Request: WireRequest>(
    _ exchange: Exchange, _ answer: @escaping @Sendable (Request) async -> Request.Response
  ) throws(WireError) {
    try exchange.run { (request: Request, context, reply) in
      let reply = LoopReply(reply)
      let loop = context.loop
      // Ends when the change does: a controller's turn is bounded, and a client that has gone is answered into the void.
      loop.spawn {
        let response = await answer(request)
        loop.execute { reply.call(response) }
      }
    }
  }
}

/// A reply that is called on the loop that it came from, and nowhere else: hence Sendable.
@safe private struct LoopReply<Response>: @unchecked Sendable {
  let call: (Response) -> Void
  init(_ call: @escaping (Response) -> Void) { self.call = call }
}
