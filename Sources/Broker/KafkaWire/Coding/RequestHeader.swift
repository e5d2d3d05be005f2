/// What stands before every request.
package struct RequestHeader: Equatable, Sendable {
  /// The number of the API, which may be one that we do not know.
  package var rawKey: Int16
  /// The version of the API.
  package var version: Int16
  /// What the answer repeats.
  package var correlationID: Int32
  /// What the client calls itself.
  package var clientID: String?

  package init(key: APIKey, version: Int16, correlationID: Int32, clientID: String?) {
    rawKey = key.rawValue
    self.version = version
    self.correlationID = correlationID
    self.clientID = clientID
  }

  /// The API; nil where it is none of the table.
  package var key: APIKey? { APIKey(rawValue: rawKey) }

  /// Reads the header of a frame (without the frame's length), and gives the body as a part of the frame.
  ///
  /// Of a key that is not in the table nothing is read behind the version and the correlation id: its header may have any form.
  package static func decode(
    _ frame: ArraySlice<UInt8>
  ) throws(WireError) -> (header: RequestHeader, body: ArraySlice<UInt8>) {
    var header = RequestHeader(key: .produce, version: 0, correlationID: 0, clientID: nil)
    // The client's id keeps its old form in flexible versions, so that any broker can read it.
    var start = WireDecoder(frame, version: 0, flexible: false)
    try start.integer(&header.rawKey)
    try start.integer(&header.version)
    try start.integer(&header.correlationID)
    guard let key = header.key else { return (header, start.remaining) }
    try start.nullableString(&header.clientID)
    guard APITable.isFlexible(key, header.version) else { return (header, start.remaining) }
    var end = WireDecoder(start.remaining, version: header.version, flexible: true)
    try end.tags()
    return (header, end.remaining)
  }

  /// Adds the header's bytes.
  package func encode(into output: inout [UInt8]) throws(WireError) {
    var fields = self
    var start = WireEncoder(appendingTo: [], version: 0, flexible: false)
    try start.integer(&fields.rawKey)
    try start.integer(&fields.version)
    try start.integer(&fields.correlationID)
    try start.nullableString(&fields.clientID)
    output += start.finish()
    if let key, APITable.isFlexible(key, version) { output.append(0) }
  }
}
