extension FetchResponse {
  /// The frame without the records, which stand elsewhere: its parts, between which they belong, those of the first partition
  /// between the first two.
  ///
  /// - Parameter recordByteCounts: of each partition, in order.
  package func frameParts(
    answering correlationID: Int32, version: Int16, recordByteCounts: [Int]
  ) throws(WireError) -> [ArraySlice<UInt8>] {
    var start: [UInt8] = [0, 0, 0, 0]
    ResponseHeader(correlationID: correlationID).encode(into: &start, key: Self.key, version: version)
    var encoder = WireEncoder(
      appendingTo: start, version: version, flexible: APITable.isFlexible(Self.key, version),
      leavingOut: recordByteCounts)
    var message = self
    try message.write(&encoder)
    let gaps = encoder.gaps
    precondition(gaps.count == recordByteCounts.count, "each partition has its records")
    var frame = encoder.finish()
    let length = UInt32(frame.count - 4 + recordByteCounts.reduce(0, +))
    for index in 0..<4 { frame[index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - index * 8)) }
    return zip([0] + gaps, gaps + [frame.count]).map { frame[$0..<$1] }
  }
}
