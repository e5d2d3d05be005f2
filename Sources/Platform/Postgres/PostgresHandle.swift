internal import CLibPQ
internal import EventLoop
internal import Glibc

/// The one owner of a `PGconn` and of the watch on its socket.
///
/// Sendable because one thread at a time uses it (libpq documentation, section 34.20: "no two threads attempt to manipulate the
/// same PGconn object at the same time"): a thread of the blocking pool makes it, and from then on the loop alone has it.
/// `@safe`: the pointer never leaves the file and is freed once, by ``close()``.
@safe final class PostgresHandle: @unchecked Sendable {
  enum Progress { case done, blocked, failed }
  enum ConnectProgress { case reading, writing, ready, failed }

  private let loop: EventLoop
  private let connection: OpaquePointer
  private var registration: Registration?
  private(set) var isClosed = false

  /// Begins to connect. May block on the look-up of a host name: not on a loop.
  init(_ options: PostgresOptions, loop: EventLoop) throws(PostgresError) {
    self.loop = loop
    try PostgresHandle.check(options.url)
    let names = ["dbname", "client_encoding", "application_name"]
    let values = [options.url, "UTF8", options.applicationName]
    let started = unsafe withCStrings(names) { names in
      unsafe withCStrings(values) { values in unsafe PQconnectStartParams(names, values, 1) }
    }
    guard let started = unsafe started else { throw PostgresError(.connectionFailed, "libpq has no memory") }
    unsafe connection = started
    // Without a processor libpq prints notices to standard error.
    unsafe PQsetNoticeProcessor(connection, { _, _ in }, nil)
    guard unsafe PQstatus(connection) != CONNECTION_BAD else {
      let details = errorMessage
      unsafe PQfinish(connection)
      isClosed = true
      throw PostgresError.connecting(details)
    }
  }

  /// Tells an address that no server could be at from one whose server is away.
  private static func check(_ url: String) throws(PostgresError) {
    var refusal: UnsafeMutablePointer<CChar>?
    if let parsed = unsafe PQconninfoParse(url, &refusal) { return unsafe PQconninfoFree(parsed) }
    // The library's message quotes the address, which may hold a password.
    unsafe PQfreemem(refusal)
    throw PostgresError(.configuration, "the database's address cannot be understood")
  }

  deinit {
    guard !isClosed else { return }
    let last = unsafe LastRites(loop: loop, connection: connection, registration: registration)
    loop.execute { last.perform() }
  }

  /// What is left to do for a handle nobody closed. Sendable and safe because it is run once, on the loop.
  @safe private final class LastRites: @unchecked Sendable {
    let loop: EventLoop
    let connection: OpaquePointer
    let registration: Registration?
    init(loop: EventLoop, connection: OpaquePointer, registration: Registration?) {
      self.loop = loop
      unsafe self.connection = unsafe connection
      self.registration = registration
    }
    func perform() {
      if let registration { loop.unwatch(registration) }
      unsafe PQfinish(connection)
    }
  }

  /// Forgets the socket, then closes it: the other way round would leave the loop watching somebody else's descriptor.
  func close() {
    guard !isClosed else { return }
    isClosed = true
    unwatch()
    unsafe PQfinish(connection)
  }

  // MARK: the socket

  /// Watches the socket as it is now; libpq may have another one after each step of connecting.
  func watch(_ ready: @escaping (Readiness) -> Void) throws(PostgresError) {
    unwatch()
    let socket = unsafe PQsocket(connection)
    guard socket >= 0 else { throw PostgresError.connecting(errorMessage) }
    do throws(EventLoopError) {
      registration = try loop.watch(socket, .readAndWrite, ready: ready)
    } catch {
      throw PostgresError(.connectionFailed, "the socket cannot be watched", details: "\(error)")
    }
  }

  func unwatch() {
    if let registration { loop.unwatch(registration) }
    registration = nil
  }

  /// Takes one step of connecting, which may close the socket and open another one.
  func stepConnecting() -> ConnectProgress {
    unwatch()
    return switch unsafe PQconnectPoll(connection) {
    case PGRES_POLLING_OK: .ready
    case PGRES_POLLING_READING: .reading
    case PGRES_POLLING_WRITING: .writing
    default: .failed
    }
  }

  /// Reads what there is, at most so many times; `blocked` means that there may be more.
  func readAvailable() -> Progress {
    for _ in 0..<PostgresLimits.readsPerTurn {
      guard unsafe PQconsumeInput(connection) == 1 else { return .failed }
      var waiting = pollfd(fd: unsafe PQsocket(connection), events: Int16(POLLIN), revents: 0)
      // libpq stops after one read, the watch is edge-triggered: ask the kernel whether anything is left.
      if unsafe poll(&waiting, 1, 0) <= 0 {
        // TLS may hold decrypted bytes that the kernel no longer knows of.
        if unsafe PQsslInUse(connection) == 1 { return unsafe PQconsumeInput(connection) == 1 ? .done : .failed }
        return .done
      }
    }
    return .blocked
  }

  /// Hands gathered output to the socket.
  func flush() -> Progress {
    switch unsafe PQflush(connection) {
    case 0: .done
    case 1: .blocked
    default: .failed
    }
  }

  // MARK: state

  var errorMessage: String { unsafe String(cString: PQerrorMessage(connection)) }
  var isBad: Bool { unsafe PQstatus(connection) == CONNECTION_BAD }
  var isTransactionIdle: Bool { unsafe PQtransactionStatus(connection) == PQTRANS_IDLE }
  var isBusy: Bool { unsafe PQisBusy(connection) == 1 }
  var backendID: Int32 { unsafe PQbackendPID(connection) }
  var serverVersion: Int32 { unsafe PQserverVersion(connection) }

  func setNonblocking() -> Bool { unsafe PQsetnonblocking(connection, 1) == 0 }
  func enterPipeline() -> Bool { unsafe PQenterPipelineMode(connection) == 1 }
  func exitPipeline() -> Bool { unsafe PQexitPipelineMode(connection) == 1 }

  // MARK: sending

  func sendPrepare(_ name: String, _ command: PostgresCommand) -> Bool {
    let types = command.parameters.map { Oid($0.oid) }
    return unsafe PQsendPrepare(connection, name, command.text, Int32(types.count), types) == 1
  }

  func sendPrepared(_ name: String, _ command: PostgresCommand) -> Bool {
    unsafe withParameters(command) { values, lengths, formats in
      unsafe PQsendQueryPrepared(
        connection, name, Int32(command.parameters.count), values, lengths, formats, 1) == 1
    }
  }

  func sendUnprepared(_ command: PostgresCommand) -> Bool {
    let types = command.parameters.map { Oid($0.oid) }
    return unsafe withParameters(command) { values, lengths, formats in
      unsafe PQsendQueryParams(
        connection, command.text, Int32(command.parameters.count), types, values, lengths, formats, 1) == 1
    }
  }

  func sendSync() -> Bool { unsafe PQpipelineSync(connection) == 1 }

  /// Sends text by the simple protocol: a script of several statements, or COPY. Not in pipeline mode, never with data in it.
  func sendScript(_ script: String) -> Bool { unsafe PQsendQuery(connection, script) == 1 }

  /// Takes COPY bytes into libpq's buffer or the socket; `blocked` means nothing was taken.
  func putCopy(_ bytes: ArraySlice<UInt8>) -> Progress {
    let put = unsafe bytes.withUnsafeBytes { buffer in
      unsafe PQputCopyData(connection, buffer.bindMemory(to: CChar.self).baseAddress, Int32(buffer.count))
    }
    return put == 1 ? .done : put == 0 ? .blocked : .failed
  }

  /// Ends COPY well, or makes the server refuse it.
  func putCopyEnd(refusal: String?) -> Progress {
    let put = unsafe PQputCopyEnd(connection, refusal)
    return put == 1 ? .done : put == 0 ? .blocked : .failed
  }

  /// The next answer, if it has arrived; nil means "none" or the end of one statement's answers.
  func nextResult() -> PostgresReply? {
    guard let result = unsafe PQgetResult(connection) else { return nil }
    return unsafe PostgresReply(owning: result)
  }

  func makeCancel() -> PostgresCancel? { unsafe PostgresCancel(of: connection) }

  private func withParameters(
    _ command: PostgresCommand,
    _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Bool
  ) -> Bool {
    let parameters = command.parameters
    let lengths = parameters.map { Int32($0.bytes?.count ?? 0) }
    let formats = [Int32](repeating: 1, count: parameters.count)
    // One buffer for all values, and a last byte so that an empty value still has an address: no address means NULL.
    var joined: [CChar] = []
    joined.reserveCapacity(lengths.reduce(1) { $0 + Int($1) })
    var offsets: [Int?] = []
    for parameter in parameters {
      offsets.append(parameter.bytes == nil ? nil : joined.count)
      for byte in parameter.bytes ?? [] { joined.append(CChar(bitPattern: byte)) }
    }
    joined.append(0)
    return unsafe joined.withUnsafeBufferPointer { buffer in
      let base = buffer.baseAddress!
      let values = unsafe offsets.map { offset in unsafe offset.map { unsafe base + $0 } }
      return unsafe values.withUnsafeBufferPointer { unsafe body($0.baseAddress, lengths, formats) }
    }
  }
}

extension PostgresCommand {
  /// The literal's own bytes, which end in a NUL and live as long as the program.
  fileprivate var text: UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(sql.utf8Start).assumingMemoryBound(to: CChar.self)
  }
}

/// Calls `body` with a null-terminated array of C strings.
private func withCStrings<Value>(
  _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value
) -> Value {
  var joined: [CChar] = []
  var offsets: [Int] = []
  for string in strings {
    offsets.append(joined.count)
    joined.append(contentsOf: string.utf8.map { CChar(bitPattern: $0) } + [0])
  }
  return unsafe joined.withUnsafeBufferPointer { buffer in
    let base = buffer.baseAddress!
    let pointers = unsafe offsets.map { unsafe Optional(base + $0) } + [nil]
    return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress!) }
  }
}
