internal import CLibPQ
internal import Glibc

/// One `PGresult`, told apart by what it means for the conversation.
enum PostgresReply {
  case rows(PostgresRows)
  case copyIn
  case synced
  /// Not run, because a statement before it in the same pipeline failed.
  case aborted
  case failed(PostgresError)

  /// Takes over the result and frees it, at once or with its rows.
  init(owning result: OpaquePointer) {
    switch unsafe PQresultStatus(result) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_SINGLE_TUPLE:
      self = unsafe .rows(PostgresRows(owning: result))
      return
    case PGRES_COPY_IN: self = .copyIn
    case PGRES_PIPELINE_SYNC: self = .synced
    case PGRES_PIPELINE_ABORTED: self = .aborted
    case PGRES_COPY_OUT, PGRES_COPY_BOTH:
      self = .failed(PostgresError(.server, "the statement copies outwards, which is not offered", isRetriable: false))
    default: self = unsafe .failed(PostgresReply.error(of: result))
    }
    unsafe PQclear(result)
  }

  private static func error(of result: OpaquePointer) -> PostgresError {
    let text = unsafe String(cString: PQresultErrorMessage(result))
    guard let state = unsafe PQresultErrorField(result, Int32(UInt8(ascii: "C"))) else {
      return PostgresError(.connectionLost, "the connection to the database broke", details: text)
    }
    return .server(sqlState: unsafe String(cString: state), details: text)
  }
}

/// The means to cancel what a connection is doing, usable from any thread.
///
/// Sendable by libpq's documentation, section 34.7: "PQcancel can also be invoked from a thread that is separate from the one
/// manipulating the PGconn object". `@safe`: the pointer is freed in deinit and never leaves.
@safe final class PostgresCancel: @unchecked Sendable {
  private let cancel: OpaquePointer

  init?(of connection: OpaquePointer) {
    guard let cancel = unsafe PQgetCancel(connection) else { return nil }
    unsafe self.cancel = cancel
  }

  deinit { unsafe PQfreeCancel(cancel) }

  /// Asks the server, on a connection of its own. Blocks: not on a loop. A refusal means that there is nothing to cancel any
  /// more, or a server that is going away; both show on the connection itself.
  func perform() {
    var message = [CChar](repeating: 0, count: 256)
    _ = unsafe PQcancel(cancel, &message, Int32(message.count))
  }
}
