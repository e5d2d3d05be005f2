/// COPY and scripts: the simple protocol, which pipeline mode excludes, so the connection leaves it for the time.
extension PostgresConnection {
  /// Copies rows in by `COPY table (columns) FROM STDIN (FORMAT binary)`, a literal. All rows arrive or none does.
  /// Memory is bounded by the writer's own: what the socket does not take waits.
  ///
  /// - Returns: the number of rows the server stored.
  @discardableResult
  package func copy(_ sql: StaticString, _ rows: PostgresRowWriter) async throws(PostgresError) -> Int {
    try await copy(sql, rows, as: nil)
  }

  /// Copies any number of rows in, which `write` puts into the writer one by one; the writer is sent and emptied whenever it
  /// has ``PostgresLimits/copyChunkBytes``.
  @discardableResult
  package func copy<Rows: Sequence & Sendable>(
    _ sql: StaticString, rows: Rows,
    write: @Sendable (Rows.Element, inout PostgresRowWriter) throws(PostgresError) -> Void
  ) async throws(PostgresError) -> Int {
    try await exclusively(as: nil) { () async throws(PostgresError) in
      try await self.openCopy(sql)
      var writer = PostgresRowWriter()
      do throws(PostgresError) {
        for row in rows {
          try write(row, &writer)
          guard writer.bytes.count >= PostgresLimits.copyChunkBytes else { continue }
          try await self.put(writer.bytes[...])
          writer.removeAll()
        }
        try await self.put(writer.bytes[...])
      } catch {
        throw await self.refuseCopy(error)
      }
      return try await self.closeCopy()
    }
  }

  func copy(_ sql: StaticString, _ rows: PostgresRowWriter, as caller: Int?) async throws(PostgresError) -> Int {
    try await exclusively(as: caller) { () async throws(PostgresError) in
      try await self.openCopy(sql)
      do throws(PostgresError) {
        for start in stride(from: 0, to: rows.bytes.count, by: PostgresLimits.copyChunkBytes) {
          try await self.put(rows.bytes[start..<min(start + PostgresLimits.copyChunkBytes, rows.bytes.count)])
        }
      } catch {
        throw await self.refuseCopy(error)
      }
      return try await self.closeCopy()
    }
  }

  /// Runs a script of the program, of several statements.
  func runScript(_ text: String, as caller: Int?) async throws(PostgresError) {
    try await exclusively(as: caller) { () async throws(PostgresError) in
      guard self.handle.sendScript(text) else { throw self.brokenNow() }
      try await self.flushAll()
      try await self.takeRest()
    }
  }

  // MARK: steps

  /// Has the connection to itself outside of pipeline mode while `body` runs.
  private func exclusively<Value>(as caller: Int?, _ body: () async throws(PostgresError) -> Value)
    async throws(PostgresError) -> Value
  {
    try admit(caller)
    guard operations.isEmpty else {
      throw PostgresError(.connectionBusy, "statements are still running on the connection", isRetriable: true)
    }
    guard handle.exitPipeline() else { throw brokenNow() }
    lastHolder += 1
    holder = lastHolder
    defer { holder = caller }
    do throws(PostgresError) {
      let value = try await body()
      try resumePipeline()
      return value
    } catch {
      if phase == .open { try resumePipeline() }
      throw error
    }
  }

  private func resumePipeline() throws(PostgresError) {
    try requireOpen()
    guard handle.enterPipeline() else { throw brokenNow() }
  }

  private func openCopy(_ sql: StaticString) async throws(PostgresError) {
    guard handle.sendScript(sql.description) else { throw brokenNow() }
    try await flushAll()
    switch try await nextReply() {
    case .copyIn: break
    case .failed(let error):
      try await takeRest()
      throw error
    case .rows, .synced, .aborted, nil:
      try await takeRest()
      throw PostgresError(.server, "the statement is not COPY FROM STDIN", isRetriable: false)
    }
    try await put(PostgresRowWriter.header[...])
  }

  /// Hands bytes over and waits until the socket has taken them, so that libpq's own buffer stays small.
  private func put(_ bytes: ArraySlice<UInt8>) async throws(PostgresError) {
    if Task.isCancelled { throw PostgresError(.cancelled, "the copy was cancelled", isRetriable: false) }
    if bytes.isEmpty { return }
    var isTaken = false
    while !isTaken {
      try requireOpen()
      let count = eventCount
      switch handle.putCopy(bytes) {
      case .done: isTaken = true
      case .blocked: await nextEvent(after: count)
      case .failed: throw brokenNow()
      }
    }
    try await flushAll()
  }

  private func closeCopy() async throws(PostgresError) -> Int {
    try await put(PostgresRowWriter.trailer[...])
    try await endCopy(refusal: nil)
    return try await takeRest()
  }

  /// Makes the server forget the rows, and answers why.
  private func refuseCopy(_ error: PostgresError) async -> PostgresError {
    guard phase == .open else { return error }
    do throws(PostgresError) {
      try await endCopy(refusal: "refused by the client")
      try await takeRest()
    } catch {
      // The server's answer to the refusal is an error, as it should be.
    }
    return error
  }

  private func endCopy(refusal: String?) async throws(PostgresError) {
    while true {
      try requireOpen()
      let count = eventCount
      switch handle.putCopyEnd(refusal: refusal) {
      case .done: return try await flushAll()
      case .blocked: await nextEvent(after: count)
      case .failed: throw brokenNow()
      }
    }
  }

  private func flushAll() async throws(PostgresError) {
    while true {
      try requireOpen()
      let count = eventCount
      switch handle.flush() {
      case .done: return
      case .blocked: await nextEvent(after: count)
      case .failed: throw brokenNow()
      }
    }
  }

  private func nextReply() async throws(PostgresError) -> PostgresReply? {
    while true {
      try requireOpen()
      let count = eventCount
      guard handle.isBusy else { return handle.nextResult() }
      await nextEvent(after: count)
    }
  }

  /// Reads the answers to the end, and throws the first refusal among them.
  @discardableResult
  private func takeRest() async throws(PostgresError) -> Int {
    var affected = 0
    var refusal: PostgresError?
    while let reply = try await nextReply() {
      switch reply {
      case .rows(let rows): affected = rows.affectedCount
      case .failed(let error): refusal = refusal ?? error
      case .copyIn: throw brokenNow()
      case .synced, .aborted: break
      }
    }
    if handle.isBad { throw brokenNow() }
    if let refusal { throw refusal }
    return affected
  }

  /// Gives the connection up, and answers why it is of no use.
  private func brokenNow() -> PostgresError {
    lose()
    do throws(PostgresError) {
      try requireOpen()
    } catch {
      return error
    }
    preconditionFailure("a lost connection is closed")
  }
}
