internal import CatalogueView
internal import CodeStore
internal import ControllerClient
internal import EventLog
internal import EventLoop
internal import HTTPServer
internal import LogContracts
internal import MillraceDomain
internal import Postgres
internal import Security
internal import Telemetry

/// What the routes have in common: the gateway's clients and views. Confined to its loop, which makes it Sendable.
final class GatewayServices: @unchecked Sendable {
  let loop: EventLoop
  let options: GatewayOptions
  let logger = Logger(label: "gateway")
  let metrics = GatewayMetrics()
  let view: CatalogueView
  let waiting: WaitingCalls
  let replies: ReplyFeed
  let executors: ExecutorWatch
  let controller: ControllerClient
  let store: ContentStore
  let pool: PostgresPool
  let admin: LogAdmin
  private(set) var producer: LogProducer
  var random = BufferedRandom()

  /// Clients of everything; nothing is connected yet.
  ///
  /// - Throws: `EventLogError` with `configuration` where a setting of the log is wrong.
  init(loop: EventLoop, options: GatewayOptions) throws {
    self.loop = loop
    self.options = options
    let view = CatalogueView(loop: loop, options: options.log)
    self.view = view
    let waiting = WaitingCalls(loop: loop, metrics: metrics)
    self.waiting = waiting
    replies = ReplyFeed(loop: loop, options: options.log, gateway: options.id)
    replies.received = { waiting.settle($0) }
    executors = ExecutorWatch(loop: loop, options: options.log)
    controller = ControllerClient(loop: loop, address: options.controller, clusterToken: options.clusterToken)
    store = ContentStore(
      loop: loop, options: options.log, context: RecordContext(source: "/millrace/gateway/\(options.id)"),
      known: { view.tables.code(of: $0) })
    let logger = logger
    pool = PostgresPool(
      PostgresPoolOptions(
        connection: options.postgres, connectionLimit: GatewayLimits.databaseConnections,
        waiterLimit: GatewayLimits.databaseWaiters, waitLimit: GatewayLimits.databaseWait), on: loop,
      notice: { notice in
        switch notice {
        case .unreachable(let error, _, _):
          logger.warning("the database is away", [(GatewaySignals.reason, error.description)])
        case .connected: logger.info("the database answers")
        }
      })
    admin = try LogAdmin(loop: loop, options: options.log, timeout: GatewayLimits.recorderWait)
    producer = try LogProducer(loop: loop, options: options.log)
    watchProducer()
  }

  /// Begins to read the feeds.
  func start() throws {
    try view.start()
    try replies.start()
    try executors.start()
  }

  /// Waits for what was sent to the log, and closes every client.
  func close() async {
    await producer.flush(within: GatewayLimits.flush)
    await producer.close()
    await replies.close()
    await executors.close()
    await view.close()
    await store.close()
    await admin.close()
    controller.close()
    await pool.close()
  }

  /// A producer that has lost its place on the log is of no more use: another takes over.
  private func watchProducer() {
    producer.failed = { [weak self] error in
      guard let self else { return }
      logger.error("the producer failed for good and is made anew", [(GatewaySignals.reason, error.description)])
      let failed = producer
      do { producer = try LogProducer(loop: loop, options: options.log) } catch {
        preconditionFailure("the same settings were accepted before: \(error)")
      }
      watchProducer()
      loop.spawn { await failed.close() }
    }
  }

  // MARK: who asks

  /// The token that a request shows.
  ///
  /// - Throws: `unauthorized` where it shows none that is valid, `forbidden` where it was revoked, `starting` while the
  ///   catalogue is not here yet.
  func authenticate(_ exchange: HTTPExchange) throws(GatewayError) -> CatalogueToken {
    guard view.isCaughtUp else { throw GatewayError(.starting, "The catalogue is not read yet.") }
    guard let secret = BearerToken.secret(exchange.header("authorization")) else {
      throw GatewayError(.unauthorized, "Send Authorization: Bearer and an API token.")
    }
    guard let token = view.tables.token(secretDigest: SHA256.digest(secret)) else {
      throw GatewayError(.unauthorized, "The API token is not known here.")
    }
    guard !token.isRevoked else { throw GatewayError(.forbidden, "The API token was revoked.") }
    return token
  }

  /// A new context for a record that follows from a request: its trace goes on, or begins here.
  func context(_ exchange: HTTPExchange) -> RecordContext {
    let parent = exchange.header("traceparent").flatMap { TraceContext(traceparent: $0) }
    let trace = parent.map { $0.child(using: &random) } ?? TraceContext.root(using: &random)
    return RecordContext(source: "/millrace/gateway/\(options.id)", traceParent: trace.traceparent)
  }

  /// The time of the wall clock.
  func currentTime() -> Timestamp { Timestamp(milliseconds: WallClock.milliseconds()) }

  // MARK: routes

  /// A route that authenticates and then answers by a task on the loop.
  func route(
    _ method: HTTPMethod, _ pattern: String, bodyLimitBytes: Int = GatewayLimits.otherBodyBytes,
    _ answer: @escaping @Sendable (HTTPExchange, CatalogueToken) async throws(GatewayError) -> HTTPResponse
  ) -> HTTPRoute {
    HTTPRoute(
      method, pattern, bodyLimitBytes: bodyLimitBytes,
      task: { [self] exchange in
        do throws(GatewayError) {
          return try await answer(exchange, try authenticate(exchange))
        } catch { return error.response }
      }
    ).admitting(aboveBytes: GatewayLimits.unaskedBodyBytes) { [self] in refusalBeforeBody($0) }
  }

  /// Who shows no valid token need not send a large body first.
  func refusalBeforeBody(_ exchange: HTTPExchange) -> HTTPResponse? {
    do throws(GatewayError) {
      _ = try authenticate(exchange)
      return nil
    } catch { return error.response }
  }

  /// The name in a path.
  ///
  /// - Throws: `functionNotFound`: what is no name is no function.
  static func functionName(_ exchange: HTTPExchange) throws(GatewayError) -> FunctionName {
    let text = exchange.parameter("name")
    do throws(DomainError) { return try FunctionName(text) } catch {
      throw GatewayError(.functionNotFound, error.message)
    }
  }

  /// Runs statements on the database.
  ///
  /// - Throws: `databaseUnavailable`.
  func database<Value>(_ body: (PostgresPool) async throws -> Value) async throws(GatewayError) -> Value {
    do { return try await body(pool) } catch {
      logger.warning("a statement failed", [(GatewaySignals.reason, "\(error)")])
      throw GatewayError(.databaseUnavailable, "The database does not answer; try again.")
    }
  }
}
