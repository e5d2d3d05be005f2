internal import EventLoop

/// A statement the server has prepared: the literal's address, and the types it was prepared for.
struct StatementKey: Hashable {
  let address: UInt
  let types: [UInt32]

  init(_ command: PostgresCommand) {
    address = unsafe UInt(bitPattern: command.sql.utf8Start)
    types = command.parameters.map(\.oid)
  }
}

/// Statements sent up to one synchronisation point, and who waits for their answers. Confined to its connection.
final class PendingOperation {
  enum Step {
    case preparing(StatementKey)
    case running(StatementKey?)
  }

  let id: Int
  private let continuation: CheckedContinuation<Swift.Result<[PostgresRows], PostgresError>, Never>
  var steps: [Step] = []
  var answered = 0
  var rows: [PostgresRows] = []
  var failure: PostgresError?
  var wantsCancel = false

  init(id: Int, _ continuation: CheckedContinuation<Swift.Result<[PostgresRows], PostgresError>, Never>) {
    self.id = id
    self.continuation = continuation
  }

  func complete(_ result: Swift.Result<[PostgresRows], PostgresError>) { continuation.resume(returning: result) }
}

extension PostgresConnection {
  /// Runs one statement and answers its rows. Cancelling the task cancels the statement.
  @discardableResult
  package func query(_ sql: StaticString, _ parameters: PostgresParameter...) async throws(PostgresError)
    -> PostgresRows
  {
    try await run([PostgresCommand(sql, parameters)], as: nil)[0]
  }

  /// Sends the statements together and answers the rows of each. They are one transaction: all or none of them happen.
  package func pipeline(_ commands: [PostgresCommand]) async throws(PostgresError) -> [PostgresRows] {
    try await run(commands, as: nil)
  }

  /// Runs statements for the holder of the connection, or for anybody while nobody holds it.
  func run(_ commands: [PostgresCommand], as caller: Int?) async throws(PostgresError) -> [PostgresRows] {
    for command in commands { try command.check() }
    if commands.isEmpty { return [] }
    lastOperation += 1
    let id = lastOperation
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { begin(commands, id: id, as: caller, $0) }
    } onCancel: {
      loop.execute { self.assumeIsolated { $0.cancel(id) } }
    }
    return try result.get()
  }

  /// As ``run(_:as:)``, but the end of a transaction is not for a cancelled task to prevent.
  func runToEnd(_ command: PostgresCommand, as caller: Int) async throws(PostgresError) -> PostgresRows {
    lastOperation += 1
    let id = lastOperation
    let result = await withCheckedContinuation { begin([command], id: id, as: caller, $0) }
    return try result.get()[0]
  }

  private func begin(
    _ commands: [PostgresCommand], id: Int, as caller: Int?,
    _ continuation: CheckedContinuation<Swift.Result<[PostgresRows], PostgresError>, Never>
  ) {
    let operation = PendingOperation(id: id, continuation)
    do throws(PostgresError) {
      try admit(caller)
    } catch {
      return operation.complete(.failure(error))
    }
    operations.append(operation)
    for command in commands {
      guard send(command, in: operation) else { return lose() }
    }
    guard handle.sendSync(), handle.flush() != .failed else { return lose() }
  }

  func admit(_ caller: Int?) throws(PostgresError) {
    try requireOpen()
    guard holder == caller else {
      throw PostgresError(.connectionBusy, "a transaction or a copy has the connection to itself", isRetriable: true)
    }
    guard operations.count < PostgresLimits.pendingOperations else {
      throw PostgresError(.poolExhausted, "too many statements wait on one connection")
    }
  }

  private func send(_ command: PostgresCommand, in operation: PendingOperation) -> Bool {
    let key = StatementKey(command)
    if let name = prepared[key] {
      operation.steps.append(.running(key))
      return handle.sendPrepared(name, command)
    }
    guard prepared.count < PostgresLimits.preparedStatements else {
      operation.steps.append(.running(nil))
      return handle.sendUnprepared(command)
    }
    let name = "s\(lastOperation)_\(operation.steps.count)"
    prepared[key] = name
    operation.steps.append(.preparing(key))
    operation.steps.append(.running(key))
    return handle.sendPrepare(name, command) && handle.sendPrepared(name, command)
  }

  // MARK: answers

  func takeReplies() {
    var emptyReplies = 0
    while let operation = operations.first, !handle.isBusy {
      guard let reply = handle.nextResult() else {
        // One nil ends each statement's answers; a second in a row says that nothing is there.
        emptyReplies += 1
        if emptyReplies > 1 { break }
        continue
      }
      emptyReplies = 0
      take(reply, for: operation)
      if phase == .closed { return }
    }
    if handle.isBad { lose() }
  }

  private func take(_ reply: PostgresReply, for operation: PendingOperation) {
    switch reply {
    case .synced:
      operations.removeFirst()
      operation.complete(operation.failure.map { .failure($0) } ?? .success(operation.rows))
      if let next = operations.first, next.wantsCancel { askToCancel() }
    case .rows(let rows):
      if case .running = nextStep(of: operation) { operation.rows.append(rows) }
    case .aborted:
      forget(nextStep(of: operation))
    case .failed(let error):
      if operation.answered < operation.steps.count { forget(nextStep(of: operation)) }
      operation.failure = operation.failure ?? error
    case .copyIn:
      // COPY is not for query(): the server waits for data that will not come.
      operation.failure = PostgresError(.server, "COPY is sent by copy(_:_:)", isRetriable: false)
      lose()
    }
  }

  private func nextStep(of operation: PendingOperation) -> PendingOperation.Step {
    defer { operation.answered += 1 }
    return operation.steps[operation.answered]
  }

  /// A statement that failed or was passed over may not be prepared, or not for today's tables: prepare it anew next time.
  private func forget(_ step: PendingOperation.Step) {
    switch step {
    case .preparing(let key): prepared[key] = nil
    case .running(let key): if let key { prepared[key] = nil }
    }
  }

  // MARK: cancelling

  private func cancel(_ id: Int) {
    guard phase == .open, let operation = operations.first(where: { $0.id == id }) else { return }
    operation.wantsCancel = true
    // The server cancels what runs now, so an operation behind others waits for its turn.
    if operations.first === operation { askToCancel() }
  }

  func askToCancel() {
    guard let cancel = handle.makeCancel(), case .success(let blocking) = PostgresConnection.blocking else { return }
    wasAskedToCancel = true
    loop.spawn { try? await blocking.run { cancel.perform() } }
  }
}
