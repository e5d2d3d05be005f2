/// Rows in the binary form of COPY, gathered in one buffer. Call ``beginRow(columns:)``, then one `append` per column.
package struct PostgresRowWriter: Sendable {
  /// The bytes so far, without the file's header and trailer.
  package private(set) var bytes: [UInt8] = []
  /// The rows begun so far.
  package private(set) var rowCount = 0

  /// A writer with no rows.
  package init() {}

  /// Makes room ahead.
  package mutating func reserve(_ byteCount: Int) { bytes.reserveCapacity(byteCount) }

  /// Forgets the rows and keeps the memory.
  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    rowCount = 0
  }

  /// Begins a row of so many columns.
  package mutating func beginRow(columns: Int16) {
    columns.appendBigEndian(to: &bytes)
    rowCount += 1
  }

  /// A column that is NULL.
  package mutating func appendNull() { appendLength(-1) }

  /// A column of the value's own type.
  ///
  /// - Throws: ``PostgresError`` with `invalidParameter` where the type cannot hold the value; the writer is then unusable.
  package mutating func append(_ value: some PostgresValue) throws(PostgresError) {
    let lengthAt = bytes.count
    appendLength(0)
    try value.encode(into: &bytes)
    let length = Int32(bytes.count - lengthAt - 4)
    for byte in 0..<4 { bytes[lengthAt + byte] = UInt8(truncatingIfNeeded: length >> Int32(24 - 8 * byte)) }
  }

  /// A column of the value's own type, or NULL.
  package mutating func append(_ value: (some PostgresValue)?) throws(PostgresError) {
    guard let value else { return appendNull() }
    try append(value)
  }

  // The common types again, without the detour of the general form, which costs a look-up of the conformance a column.

  /// A `text` column.
  ///
  /// - Throws: ``PostgresError`` with `invalidParameter` where there is a NUL in it.
  package mutating func append(_ value: String) throws(PostgresError) {
    appendLength(Int32(value.utf8.count))
    try value.encode(into: &bytes)
  }

  /// A `text` column, or NULL.
  package mutating func append(_ value: String?) throws(PostgresError) {
    guard let value else { return appendNull() }
    try append(value)
  }

  /// A `uuid` column.
  package mutating func append(_ value: PostgresUUID) {
    appendLength(16)
    value.encode(into: &bytes)
  }

  /// A `timestamptz` column.
  ///
  /// - Throws: ``PostgresError`` with `invalidParameter` where the database cannot hold it.
  package mutating func append(_ value: PostgresTimestamp) throws(PostgresError) {
    appendLength(8)
    try value.encode(into: &bytes)
  }

  /// An `integer` column, or NULL.
  package mutating func append(_ value: Int32?) {
    guard let value else { return appendNull() }
    append(int32: value)
  }

  /// A `bigint` column, or NULL.
  package mutating func append(_ value: Int64?) {
    guard let value else { return appendNull() }
    append(int64: value)
  }

  /// A `bigint` column.
  package mutating func append(int64 value: Int64) {
    appendLength(8)
    value.appendBigEndian(to: &bytes)
  }

  /// An `integer` column.
  package mutating func append(int32 value: Int32) {
    appendLength(4)
    value.appendBigEndian(to: &bytes)
  }

  /// A `bytea` column, or text whose bytes are for the server to judge.
  package mutating func append(bytes value: some Collection<UInt8>) {
    appendLength(Int32(value.count))
    bytes.append(contentsOf: value)
  }

  /// The rows of another writer after these.
  package mutating func append(contentsOf other: PostgresRowWriter) {
    bytes.append(contentsOf: other.bytes)
    rowCount += other.rowCount
  }

  private mutating func appendLength(_ length: Int32) { length.appendBigEndian(to: &bytes) }

  /// The signature, no flags, no extension (COPY, "Binary Format").
  static let header: [UInt8] = [
    0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00, 0, 0, 0, 0, 0, 0, 0, 0,
  ]
  /// The row of −1 columns that ends the data.
  static let trailer: [UInt8] = [0xff, 0xff]
}
