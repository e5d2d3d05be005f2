internal import CLibPQ

/// The answer to one statement: its rows in order, decoded where they are read.
///
/// Sendable because a `PGresult` is read-only once made (libpq documentation, section 34.20: "PGresult objects are normally
/// read-only after creation, and so can be passed around freely between threads"). `@safe`: the pointer is this object's own,
/// cleared in deinit, and never leaves the file.
@safe package final class PostgresRows: RandomAccessCollection, @unchecked Sendable {
  private let result: OpaquePointer
  /// The number of rows.
  package let count: Int
  private let columns: [String: Int32]

  init(owning result: OpaquePointer) {
    unsafe self.result = unsafe result
    count = Int(unsafe PQntuples(result))
    var columns: [String: Int32] = [:]
    for index in 0..<(unsafe PQnfields(result)) {
      // Where a name repeats the first column has it, as everywhere in libpq.
      let name = unsafe String(cString: PQfname(result, index))
      if columns[name] == nil { columns[name] = index }
    }
    self.columns = columns
  }

  deinit { unsafe PQclear(result) }

  package var startIndex: Int { 0 }
  package var endIndex: Int { count }
  /// The row at a position from 0.
  package subscript(position: Int) -> PostgresRow {
    precondition(position >= 0 && position < count)
    return PostgresRow(rows: self, position: Int32(position))
  }

  /// Rows inserted, updated, deleted, copied or selected, as the command tag says.
  package var affectedCount: Int { unsafe Int(String(cString: PQcmdTuples(result))) ?? 0 }
  /// The command tag, such as `INSERT 0 1` or `ROLLBACK`.
  var commandTag: String { unsafe String(cString: PQcmdStatus(result)) }

  func column(_ name: String) -> Int32? { columns[name] }
  func columnCount() -> Int32 { unsafe PQnfields(result) }

  /// Calls `body` with the bytes of a column and its type, or returns nil where it is NULL.
  func withColumn<Value>(_ column: Int32, of row: Int32, _ body: (Span<UInt8>, UInt32) -> Value?) -> Value?? {
    guard unsafe PQgetisnull(result, row, column) == 0 else { return .none }
    let bytes = unsafe UnsafeRawBufferPointer(
      start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
    let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
    return .some(body(span, unsafe PQftype(result, column)))
  }
}

/// One row of ``PostgresRows``. Columns are found by name or by index from 0; each way of reading names the type it expects
/// and throws ``PostgresError`` with `decoding` where the column is something else.
package struct PostgresRow: Sendable {
  let rows: PostgresRows
  let position: Int32

  /// The value of a column that is never NULL.
  package func value<Value: PostgresValue>(_ name: String, as type: Value.Type = Value.self) throws(PostgresError)
    -> Value
  {
    try present(try optional(name, as: type), name)
  }

  /// The value of a column that is never NULL, by index.
  package func value<Value: PostgresValue>(at index: Int, as type: Value.Type = Value.self) throws(PostgresError)
    -> Value
  {
    try present(try read(checked(index), "\(index)", Value.init(postgres:oid:)), "\(index)")
  }

  /// The value of a column, nil where it is NULL.
  package func optional<Value: PostgresValue>(_ name: String, as type: Value.Type = Value.self) throws(PostgresError)
    -> Value?
  {
    try read(index(of: name), name, Value.init(postgres:oid:))
  }

  /// The bytes of a `bytea` column that is never NULL.
  package func bytes(_ name: String) throws(PostgresError) -> [UInt8] { try present(try optionalBytes(name), name) }

  /// The bytes of a `bytea` column, nil where it is NULL.
  package func optionalBytes(_ name: String) throws(PostgresError) -> [UInt8]? {
    try read(index(of: name), name, [UInt8].init(byteaColumn:oid:))
  }

  /// The elements of an array column that is never NULL and has none in it.
  package func array<Value: PostgresValue>(_ name: String, of type: Value.Type = Value.self) throws(PostgresError)
    -> [Value]
  {
    let elements = try read(index(of: name), name) { bytes, oid in
      oid == Value.postgresType.arrayOID ? PostgresRow.elements(bytes, of: type) : nil
    }
    return try present(elements, name)
  }

  private func index(of name: String) throws(PostgresError) -> Int32 {
    guard let column = rows.column(name) else {
      throw PostgresError(.decoding, "a column is missing", details: "no column \(name)")
    }
    return column
  }

  private func checked(_ index: Int) throws(PostgresError) -> Int32 {
    guard index >= 0, index < Int(rows.columnCount()) else {
      throw PostgresError(.decoding, "a column is missing", details: "no column \(index)")
    }
    return Int32(index)
  }

  private func read<Value>(_ column: Int32, _ name: String, _ decode: (Span<UInt8>, UInt32) -> Value?)
    throws(PostgresError) -> Value?
  {
    switch rows.withColumn(column, of: position, decode) {
    case .none: return nil
    case .some(.some(let value)): return value
    case .some(.none):
      throw PostgresError(
        .decoding, "a column has another type", details: "column \(name) is not a \(Value.self)")
    }
  }

  private func present<Value>(_ value: Value?, _ name: String) throws(PostgresError) -> Value {
    guard let value else { throw PostgresError(.decoding, "a column is null", details: "column \(name) is NULL") }
    return value
  }

  /// The counterpart of array_send: one dimension or none, no nulls.
  private static func elements<Value: PostgresValue>(_ bytes: Span<UInt8>, of type: Value.Type) -> [Value]? {
    guard bytes.count >= 12, let dimensions = Int32(bigEndian: bytes.extracting(0..<4)) else { return nil }
    if dimensions == 0 { return [] }
    guard dimensions == 1, bytes.count >= 20, let count = Int32(bigEndian: bytes.extracting(12..<16)) else {
      return nil
    }
    guard let oid = UInt32(bigEndian: bytes.extracting(8..<12)) else { return nil }
    var values: [Value] = []
    var offset = 20
    for _ in 0..<count {
      guard offset + 4 <= bytes.count, let length = Int32(bigEndian: bytes.extracting(offset..<offset + 4)),
        length >= 0,
        offset + 4 + Int(length) <= bytes.count
      else { return nil }
      let element = bytes.extracting(offset + 4..<offset + 4 + Int(length))
      guard let value = Value(postgres: element, oid: oid) else { return nil }
      values.append(value)
      offset += 4 + Int(length)
    }
    return values
  }
}
