internal import CatalogueView
internal import EventLog
internal import EventLoop
internal import HTTPServer
internal import LogContracts
internal import LogRecords
internal import MillraceDomain
internal import Telemetry

/// `POST /v1/functions/{name}/invocations`: the hot path. A call on the loop from the request to the append: no task, no
/// hop, no look into the event, no question to anybody.
final class InvokeRoutes: @unchecked Sendable {
  private let services: GatewayServices
  private let waiting: WaitingCalls

  init(_ services: GatewayServices) {
    self.services = services
    waiting = services.waiting
  }

  var routes: [HTTPRoute] {
    [
      HTTPRoute(
        .post, "/v1/functions/{name}/invocations", bodyLimitBytes: GatewayLimits.waitingEventBytes
      ) { [self] exchange in
        do throws(GatewayError) { try invoke(exchange) } catch { exchange.respond(error.response) }
      }.admitting(aboveBytes: GatewayLimits.unaskedBodyBytes) { [services] in services.refusalBeforeBody($0) }
    ]
  }

  private func invoke(_ exchange: HTTPExchange) throws(GatewayError) {
    let token = try services.authenticate(exchange)
    let name = try GatewayServices.functionName(exchange)
    let version = try version(exchange, name, token.namespace)
    let contentType = exchange.header("content-type")
    guard GatewayRules.isEventType(contentType) else {
      throw GatewayError(.unsupportedMediaType, "An event is JSON: send Content-Type: application/json.")
    }
    let mode = GatewayRules.mode(prefer: exchange.header("prefer"))
    if let refusal = GatewayRules.refusal(mode, eventBytes: exchange.body.count, waitingCalls: waiting.count) {
      throw refusal
    }
    var task = TaskRecord(
      invocation: InvocationID(at: services.currentTime(), using: &services.random), namespace: token.namespace,
      function: name, version: version.requested, catalogueIndex: services.view.appliedIndex, reply: nil,
      // Without a body the event is an empty object, as Lambda has it.
      event: exchange.body.isEmpty ? [UInt8(ascii: "{"), UInt8(ascii: "}")] : exchange.takeBody(),
      context: services.context(exchange))
    switch mode {
    case .waiting: try wait(exchange, &task, version.timeoutSeconds)
    case .asynchronous: accept(exchange, task)
    }
  }

  /// The version to run, where the query names one, and how long it may take.
  private func version(
    _ exchange: HTTPExchange, _ name: FunctionName, _ namespace: NamespaceName
  ) throws(GatewayError) -> (requested: VersionNumber?, timeoutSeconds: Int32) {
    let tables = services.view.tables
    guard let text = exchange.query("version"), text != "$LATEST" else {
      guard let latest = tables.latestVersion(of: name, in: namespace) else {
        throw GatewayError(.functionNotFound, "There is no function \(name).")
      }
      return (nil, latest.configuration.timeoutSeconds)
    }
    guard tables.function(name, in: namespace) != nil, let number = Int32(text),
      let requested = try? VersionNumber(number), let version = tables.version(requested, of: name, in: namespace)
    else { throw GatewayError(.functionNotFound, "There is no version \(text.prefix(20)) of a function \(name).") }
    return (requested, version.configuration.timeoutSeconds)
  }

  // MARK: waiting

  private func wait(
    _ exchange: HTTPExchange, _ task: inout TaskRecord, _ timeoutSeconds: Int32
  ) throws(GatewayError) {
    guard services.replies.isInPlace else {
      throw GatewayError(.starting, "Replies are not read yet; try again, or send Prefer: respond-async.")
    }
    let function = WaitingCalls.FunctionKey(namespace: task.namespace, function: task.function)
    let partitions = TopicDeclaration.tasks.partitions
    let home = GatewayRules.homePartition(of: task.function, in: task.namespace, of: partitions)
    let partition = GatewayRules.waitingPartition(home: home, underWay: waiting.count(of: function), of: partitions)
    task.reply = TaskRecord.Reply(gateway: services.options.id, partition: services.replies.partition)
    let limit = GatewayRules.waitLimit(timeoutSeconds: timeoutSeconds, bound: services.options.waitBound)
    let invocation = task.invocation
    waiting.add(invocation, exchange, function, within: limit)
    services.metrics.waitingInvocations.increment()
    send(task, partition) { [waiting] outcome in
      // An acknowledgement says nothing to who waits for the outcome.
      if case .failure(let error) = outcome { waiting.fail(invocation, Self.refusal(error, invocation)) }
    }
  }

  // MARK: not waiting

  private func accept(_ exchange: HTTPExchange, _ task: TaskRecord) {
    let invocation = task.invocation
    let partition = GatewayRules.asynchronousPartition(of: invocation, of: TopicDeclaration.tasks.partitions)
    services.metrics.asynchronousInvocations.increment()
    send(task, partition) { outcome in
      switch outcome {
      case .success: exchange.respond(Self.accepted(invocation))
      case .failure(let error): exchange.respond(Self.refusal(error, invocation).response)
      }
    }
  }

  private func send(_ task: TaskRecord, _ partition: Int32, _ completed: @escaping LogProducer.Completion) {
    let since = services.loop.now
    services.producer.send(task.encoded(partition: partition)) { [services] outcome in
      if case .success = outcome { services.metrics.acknowledgeSeconds.record(services.loop.now - since) }
      completed(outcome)
    }
  }

  private static func accepted(_ invocation: InvocationID) -> HTTPResponse {
    let id = invocation.description
    return HTTPResponse(
      status: 202,
      fields: [
        ("Content-Type", "application/json"), (InvocationHeader.id, id), ("Location", "/v1/invocations/\(id)"),
        ("Preference-Applied", "respond-async"),
      ], body: Array("{\"id\": \"\(id)\"}".utf8))
  }

  /// A record that the queue did not take is not on the log. One that was tried may be: its id is told, so that the client
  /// can look.
  private static func refusal(_ error: EventLogError, _ invocation: InvocationID) -> GatewayError {
    switch error.code {
    case .queueFull: GatewayError(.overloaded, "Too much is on its way to the log; try again.")
    case .tooLarge: GatewayError(.contentTooLarge, "The log takes no event of this size.")
    // The codes are an open set.
    default:
      GatewayError(
        .logUnavailable,
        "The log has not acknowledged the task. It may have it all the same: look for the id before trying again.",
        invocation: invocation)
    }
  }
}
