internal import EventLoop
internal import KafkaWire

/// From a frame to its handler, and from the handler's answer to a frame.
final class RequestRouter: Sendable {
  /// What becomes of a request.
  enum Reply {
    /// A frame to be sent.
    case answer(write: (inout [UInt8]) throws(WireError) -> Void)
    /// A frame to be sent in pieces, and bytes of the responses' budget that it holds until it is.
    case pieces(PiecedAnswer, held: Int)
    /// The client wants no answer.
    case nothing
    /// The connection is not worth keeping.
    case close(String)
  }

  private let handlers: RequestHandlers
  private let metrics = RequestMetrics.shared

  init(_ handlers: RequestHandlers) { self.handlers = handlers }

  /// A request whose head was read.
  struct Request {
    fileprivate let key: APIKey
    fileprivate let header: RequestHeader
    fileprivate let body: ArraySlice<UInt8>
    /// Whether the next request may be handled before this one is answered.
    var mayBeFollowed: Bool { key == .produce }
  }

  /// Reads the head of a frame.
  ///
  /// - Throws: ``WireError`` where it is no request of ours: the connection ends.
  func request(in frame: ArraySlice<UInt8>) throws(WireError) -> Request {
    let (header, body) = try RequestHeader.decode(frame)
    guard let key = header.key, APITable.entry(for: key).offer == .advertised else {
      throw WireError(.unsupported, "the API \(header.rawKey) is not offered")
    }
    return Request(key: key, header: header, body: body)
  }

  /// Hands a request to whoever handles it; `reply` is called once, on the loop, at once or later.
  ///
  /// - Throws: ``WireError`` where it is no request of ours: the connection ends.
  func handle(
    _ request: Request, on loop: EventLoop, clientHost: String, reply: @escaping (Reply) -> Void
  ) throws(WireError) {
    let (key, header) = (request.key, request.header)
    let context = RequestContext(
      loop: loop, version: header.version, clientID: header.clientID ?? "", clientHost: clientHost)
    let (metrics, began) = (metrics, LoopInstant.current())
    metrics.began(key)
    let exchange = Exchange(body: request.body, header: header, context: context) { answer in
      metrics.ended(key, after: LoopInstant.current() - began)
      reply(answer)
    }
    guard APITable.entry(for: key).versions.contains(header.version) else {
      guard key == .apiVersions else {
        throw WireError(.unsupported, "version \(header.version) of \(key) is not offered")
      }
      return exchange.answer(handlers.apiVersions.unknownVersion, version: 0)
    }
    try dispatch(key, exchange)
  }

  private func dispatch(_ key: APIKey, _ exchange: Exchange) throws(WireError) {
    switch key {
    case .produce: try handlers.produce.handle(exchange)
    case .fetch: try handlers.fetch.handle(exchange)
    case .listOffsets: try exchange.run(handlers.listOffsets.handle)
    case .metadata: try exchange.run(handlers.metadata.handle)
    case .apiVersions: try exchange.run(handlers.apiVersions.handle)
    case .initProducerID: try exchange.run(handlers.initProducerID.handle)
    case .offsetForLeaderEpoch: try exchange.run(handlers.offsetForLeaderEpoch.handle)
    case _: try handlers.dispatchFurther(key, exchange)
    }
  }
}

/// One request under way: its body, and how it is answered.
struct Exchange {
  let body: ArraySlice<UInt8>
  let header: RequestHeader
  let context: RequestContext
  let reply: (RequestRouter.Reply) -> Void

  /// The same, once the body was read: the frame is let go.
  var withoutBody: Exchange { Exchange(body: [], header: header, context: context, reply: reply) }

  /// Reads the request, calls the handler, sends what it answers.
  func run<Request: WireRequest>(
    _ handler: (Request, RequestContext, @escaping (Request.Response) -> Void) -> Void
  ) throws(WireError) {
    let request = try Request.decode(body, version: context.version)
    handler(request, context) { response in answer(response, version: context.version) }
  }

  /// Sends a message.
  func answer(_ message: some WireMessage, version: Int16) {
    let correlationID = header.correlationID
    reply(
      .answer { (output: inout [UInt8]) throws(WireError) in
        let errors = try message.encodeFrame(answering: correlationID, version: version, into: &output)
        if !errors.isEmpty { RequestMetrics.shared.told(errors, type(of: message).key) }
      })
  }
}
