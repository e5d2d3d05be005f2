/// A value of `$1`, `$2`, …: always typed, always in binary, never part of the SQL text.
package struct PostgresParameter: Sendable {
  let oid: UInt32
  /// The binary form; nil is NULL.
  let bytes: [UInt8]?
  /// Set where the value cannot be sent: the statement is refused before anything is.
  let refusal: PostgresError?

  private init(oid: UInt32, bytes: [UInt8]?, refusal: PostgresError? = nil) {
    self.oid = oid
    self.bytes = bytes
    self.refusal = refusal
  }

  private init(oid: UInt32, _ encode: (inout [UInt8]) throws(PostgresError) -> Void) {
    var bytes: [UInt8] = []
    do throws(PostgresError) {
      try encode(&bytes)
      self.init(oid: oid, bytes: bytes)
    } catch {
      self.init(oid: oid, bytes: nil, refusal: error)
    }
  }

  /// A value.
  package static func value<Value: PostgresValue>(_ value: Value) -> PostgresParameter {
    PostgresParameter(oid: Value.postgresType.oid) { (bytes) throws(PostgresError) in try value.encode(into: &bytes) }
  }

  /// A value or NULL of its type.
  package static func optional<Value: PostgresValue>(_ value: Value?) -> PostgresParameter {
    guard let value else { return PostgresParameter(oid: Value.postgresType.oid, bytes: nil) }
    return .value(value)
  }

  /// NULL of the type.
  package static func null(_ type: PostgresType) -> PostgresParameter { PostgresParameter(oid: type.oid, bytes: nil) }

  /// Bytes as `bytea`, whatever they are.
  package static func bytes(_ bytes: [UInt8]) -> PostgresParameter {
    PostgresParameter(oid: PostgresType.bytes.oid, bytes: bytes)
  }

  /// Bytes that claim to be UTF-8 as `text`. The server refuses them with SQLSTATE 22021 where they are not.
  package static func text(utf8 bytes: [UInt8]) -> PostgresParameter {
    PostgresParameter(oid: PostgresType.text.oid) { (sent) throws(PostgresError) in
      guard !bytes.contains(0) else {
        throw PostgresError(.invalidParameter, "text with a NUL character cannot be stored")
      }
      sent = bytes
    }
  }

  /// An array of one dimension; nil elements are NULL.
  package static func array<Value: PostgresValue>(_ values: [Value?]) -> PostgresParameter {
    PostgresParameter(oid: Value.postgresType.arrayOID) { (bytes) throws(PostgresError) in
      try encodeArray(values, of: Value.postgresType, into: &bytes) { (value, bytes) throws(PostgresError) in
        try value.encode(into: &bytes)
      }
    }
  }

  /// An array of one dimension of `bytea`.
  package static func bytesArray(_ values: [[UInt8]?]) -> PostgresParameter {
    PostgresParameter(oid: PostgresType.bytes.arrayOID) { (bytes) throws(PostgresError) in
      try encodeArray(values, of: .bytes, into: &bytes) { (value, bytes) throws(PostgresError) in
        bytes.append(contentsOf: value)
      }
    }
  }

  /// array_send in arrayfuncs.c: dimensions, whether there are nulls, the element type, then length and first index of the
  /// dimension, then each element with its length.
  private static func encodeArray<Value>(
    _ values: [Value?], of type: PostgresType, into bytes: inout [UInt8],
    _ encode: (Value, inout [UInt8]) throws(PostgresError) -> Void
  ) throws(PostgresError) {
    let dimensions: Int32 = values.isEmpty ? 0 : 1
    dimensions.appendBigEndian(to: &bytes)
    Int32(values.contains { $0 == nil } ? 1 : 0).appendBigEndian(to: &bytes)
    type.oid.appendBigEndian(to: &bytes)
    if values.isEmpty { return }
    Int32(values.count).appendBigEndian(to: &bytes)
    Int32(1).appendBigEndian(to: &bytes)
    for value in values {
      guard let value else {
        Int32(-1).appendBigEndian(to: &bytes)
        continue
      }
      var element: [UInt8] = []
      try encode(value, &element)
      Int32(element.count).appendBigEndian(to: &bytes)
      bytes.append(contentsOf: element)
    }
  }
}

/// One statement of a pipeline: literal SQL and its parameters.
package struct PostgresCommand: Sendable {
  let sql: StaticString
  let parameters: [PostgresParameter]

  /// A statement whose text is a literal of the program.
  package init(_ sql: StaticString, _ parameters: PostgresParameter...) { self.init(sql, parameters) }

  /// A statement whose text is a literal of the program.
  package init(_ sql: StaticString, _ parameters: [PostgresParameter]) {
    precondition(sql.hasPointerRepresentation)
    self.sql = sql
    self.parameters = parameters
  }

  func check() throws(PostgresError) {
    guard parameters.count <= PostgresLimits.parameters else {
      throw PostgresError(.invalidParameter, "a statement has too many parameters")
    }
    for parameter in parameters { if let refusal = parameter.refusal { throw refusal } }
  }
}
