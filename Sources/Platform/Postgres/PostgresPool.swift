package import EventLoop

/// What a pool has to tell its owner, who logs it.
package enum PoolNotice: Sendable {
  /// An attempt to connect failed; the next one is made after the pause.
  case unreachable(PostgresError, failures: Int, pause: Duration)
  /// The database answers, for the first time or again.
  case connected(afterFailures: Int)
}

/// How a pool is.
package struct PoolHealth: Sendable, Equatable {
  /// Connections that are open, in use or not.
  package var open: Int
  /// Connections nobody uses.
  package var idle: Int
  /// Callers that wait for one.
  package var waiting: Int
  /// Attempts that have failed since the last success; 0 means that the database answered the last time.
  package var failures: Int
}

/// A bounded number of connections, shared by callers that wait for one another in order.
///
/// Connections are opened when they are needed and kept. Broken ones are replaced; while the database is away attempts are made
/// one at a time with growing pauses, and callers wait, up to their limits. Every wait has a bound: more waiters than
/// `waiterLimit`, or a wait longer than `waitLimit`, is `poolExhausted`.
package actor PostgresPool {
  private final class Waiter {
    let id: Int
    let continuation: CheckedContinuation<Swift.Result<PostgresConnection, PostgresError>, Never>
    var timer: LoopTimer?
    init(id: Int, _ continuation: CheckedContinuation<Swift.Result<PostgresConnection, PostgresError>, Never>) {
      self.id = id
      self.continuation = continuation
    }
  }

  private nonisolated let loop: EventLoop
  private let options: PostgresPoolOptions
  private let random: @Sendable () -> Double
  private let notice: @Sendable (PoolNotice) -> Void
  private var idle: [PostgresConnection] = []
  private var inUse = 0
  private var opening = 0
  private var waiters: [Waiter] = []
  private var lastWaiter = 0
  private var failures = 0
  private var hasConnected = false
  private var pause: LoopTimer?
  private var isClosed = false

  package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

  /// A pool; no connection is made yet.
  ///
  /// - Parameters:
  ///   - random: draws evenly from 0..<1, for the pauses.
  ///   - notice: is told, on the loop, when the database goes away and comes back.
  package init(
    _ options: PostgresPoolOptions, on loop: EventLoop,
    random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
    notice: @escaping @Sendable (PoolNotice) -> Void = { _ in }
  ) {
    self.options = options
    self.loop = loop
    self.random = random
    self.notice = notice
  }

  /// Lends a connection to `body`. What is left in a transaction or broken is closed and replaced.
  ///
  /// - Throws: what `body` throws; ``PostgresError`` where no connection was to be had.
  package nonisolated func withConnection<Value>(_ body: (PostgresConnection) async throws -> Value) async throws
    -> Value
  {
    let connection = try await acquire()
    do {
      let value = try await body(connection)
      await release(connection)
      return value
    } catch {
      await release(connection)
      throw error
    }
  }

  /// Lends a connection and runs `body` in a transaction on it.
  package nonisolated func withTransaction<Value>(_ body: (PostgresTransaction) async throws -> Value) async throws
    -> Value
  {
    try await withConnection { connection in try await connection.withTransaction(body) }
  }

  /// Runs one statement on any connection.
  @discardableResult
  package func query(_ sql: StaticString, _ parameters: PostgresParameter...) async throws(PostgresError)
    -> PostgresRows
  {
    let connection = try await acquire()
    do throws(PostgresError) {
      let rows = try await connection.run([PostgresCommand(sql, parameters)], as: nil)
      await release(connection)
      return rows[0]
    } catch {
      await release(connection)
      throw error
    }
  }

  /// How the pool is.
  package var health: PoolHealth {
    PoolHealth(open: idle.count + inUse, idle: idle.count, waiting: waiters.count, failures: failures)
  }

  /// Closes what is idle now and what is lent when it comes back; waiting callers fail with `closed`.
  package func close() async {
    isClosed = true
    pause?.cancel()
    failWaiters(PostgresError(.closed, "the pool is closed"))
    let connections = idle
    idle = []
    for connection in connections { await connection.close() }
  }

  // MARK: lending

  private func acquire() async throws(PostgresError) -> PostgresConnection {
    while let connection = idle.popLast() {
      inUse += 1
      // Between the two lines nothing else can take the connection; it may have died while it was idle.
      if await connection.isIdle { return connection }
      inUse -= 1
      await connection.close()
    }
    lastWaiter += 1
    let id = lastWaiter
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { addWaiter(id, $0) }
    } onCancel: {
      loop.execute {
        self.assumeIsolated { $0.remove(id, PostgresError(.cancelled, "the wait was cancelled", isRetriable: false)) }
      }
    }
    return try result.get()
  }

  private func addWaiter(
    _ id: Int, _ continuation: CheckedContinuation<Swift.Result<PostgresConnection, PostgresError>, Never>
  ) {
    guard !isClosed else {
      return continuation.resume(returning: .failure(PostgresError(.closed, "the pool is closed")))
    }
    guard waiters.count < options.waiterLimit + (options.connectionLimit - inUse) else {
      let refusal = PostgresError(
        .poolExhausted, "too many callers wait for the database", details: "the limit is \(options.waiterLimit)")
      return continuation.resume(returning: .failure(refusal))
    }
    let waiter = Waiter(id: id, continuation)
    waiters.append(waiter)
    waiter.timer = loop.schedule(after: options.waitLimit) { [weak self] in
      self?.assumeIsolated {
        $0.remove(id, PostgresError(.poolExhausted, "no connection to the database became free in time"))
      }
    }
    openIfNeeded()
  }

  private func remove(_ id: Int, _ error: PostgresError) {
    guard let index = waiters.firstIndex(where: { $0.id == id }) else { return }
    let waiter = waiters.remove(at: index)
    waiter.timer?.cancel()
    waiter.continuation.resume(returning: .failure(error))
  }

  private func release(_ connection: PostgresConnection) async {
    let isGood = await connection.isIdle
    inUse -= 1
    guard isGood, !isClosed else {
      await connection.close()
      return openIfNeeded()
    }
    lend(connection)
  }

  private func lend(_ connection: PostgresConnection) {
    guard !waiters.isEmpty else { return idle.append(connection) }
    let waiter = waiters.removeFirst()
    waiter.timer?.cancel()
    inUse += 1
    waiter.continuation.resume(returning: .success(connection))
  }

  private func failWaiters(_ error: PostgresError) {
    let refused = waiters
    waiters = []
    for waiter in refused {
      waiter.timer?.cancel()
      waiter.continuation.resume(returning: .failure(error))
    }
  }

  // MARK: opening

  /// Whether one more may be opened.
  private var canOpen: Bool { idle.count + inUse + opening < options.connectionLimit }

  /// Opens as many as are waited for; one at a time while the database is away, and none during a pause.
  private func openIfNeeded() {
    guard !isClosed, pause?.isPending != true else { return }
    while canOpen, waiters.count > opening, failures == 0 || opening == 0 {
      opening += 1
      loop.spawn { await self.open() }
    }
  }

  private func open() async {
    do throws(PostgresError) {
      let connection = try await PostgresConnection.connect(options.connection, on: loop)
      opening -= 1
      if failures > 0 || !hasConnected { notice(.connected(afterFailures: failures)) }
      failures = 0
      hasConnected = true
      if isClosed { return await connection.close() }
      lend(connection)
      openIfNeeded()
    } catch {
      opening -= 1
      failed(error)
    }
  }

  private func failed(_ error: PostgresError) {
    if isClosed { return }
    failures += 1
    let length = options.backOff.pause(afterFailures: failures, random: random())
    notice(.unreachable(error, failures: failures, pause: length))
    // A wrong address stays wrong however long somebody waits; the next caller makes the next attempt, after the pause.
    if !error.isRetriable { failWaiters(error) }
    guard pause?.isPending != true else { return }
    pause = loop.schedule(after: length) { [weak self] in self?.assumeIsolated { $0.openIfNeeded() } }
  }
}
