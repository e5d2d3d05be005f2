/// The body of a request or a response.
package protocol WireMessage: WireStructure {
  /// The API that it belongs to.
  static var key: APIKey { get }

  // These two are requirements, so that each message has its own code for them, made for the one coder.
  /// Reads the body.
  mutating func read(_ decoder: inout WireDecoder) throws(WireError)
  /// Writes the body.
  mutating func write(_ encoder: inout WireEncoder) throws(WireError)
}

/// The body of a request, which knows how it is answered.
package protocol WireRequest: WireMessage {
  /// What answers it.
  associatedtype Response: WireMessage
}

extension WireMessage {
  package mutating func read(_ decoder: inout WireDecoder) throws(WireError) { try describe(&decoder) }
  package mutating func write(_ encoder: inout WireEncoder) throws(WireError) { try describe(&encoder) }

  /// The message that the bytes begin with. What stands behind its end is passed over, as Kafka does: librdkafka
  /// leaves bytes there in some of its requests.
  package static func decode(_ bytes: ArraySlice<UInt8>, version: Int16) throws(WireError) -> Self {
    var decoder = WireDecoder(bytes, version: version, flexible: APITable.isFlexible(key, version))
    var message = Self()
    try message.read(&decoder)
    return message
  }

  /// Adds the message's bytes, and answers which errors they tell. If it throws, the output is as it was.
  @discardableResult
  package func encode(into output: inout [UInt8], version: Int16) throws(WireError) -> [ErrorCode] {
    let count = output.count
    var encoder = WireEncoder(
      appendingTo: exchange(&output, with: []), version: version, flexible: APITable.isFlexible(Self.key, version))
    var message = self
    do throws(WireError) {
      try message.write(&encoder)
      let errors = encoder.errors
      output = encoder.finish()
      return errors
    } catch {
      output = encoder.finish()
      output.removeSubrange(count...)
      throw error
    }
  }

  /// Adds a whole frame of a response: length, header and body; answers which errors it tells. If it throws, the output is as it
  /// was.
  @discardableResult
  package func encodeFrame(
    answering correlationID: Int32, version: Int16, into output: inout [UInt8]
  ) throws(WireError) -> [ErrorCode] {
    let start = output.count
    output.append(contentsOf: [0, 0, 0, 0])
    ResponseHeader(correlationID: correlationID).encode(into: &output, key: Self.key, version: version)
    let errors: [ErrorCode]
    do throws(WireError) {
      errors = try encode(into: &output, version: version)
    } catch {
      output.removeSubrange(start...)
      throw error
    }
    let length = UInt32(output.count - start - 4)
    for index in 0..<4 { output[start + index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - index * 8)) }
    return errors
  }
}

/// What was there, with something else in its place: so that an array has one owner while it grows.
private func exchange<Value>(_ place: inout Value, with replacement: Value) -> Value {
  var replacement = replacement
  swap(&place, &replacement)
  return replacement
}
