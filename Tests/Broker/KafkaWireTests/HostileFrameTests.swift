import KafkaWire
import SimulationKit
import Testing

/// Frames that are cut, damaged or lie about lengths are refused: nothing crashes, and nothing is allocated for what
/// is not there.
@Suite struct HostileFrameTests {
  private func code<Message: WireMessage>(
    of type: Message.Type, _ text: String, version: Int16
  ) -> WireError.Code? {
    do throws(WireError) {
      _ = try Message.decode(HexadecimalText.bytes(text)[...], version: version)
      return nil
    } catch {
      return error.code
    }
  }

  @Test func `a message that is cut anywhere is refused`() throws {
    try SeededProperty.holds(forSeeds: 3) { generator in
      for request in MessageList.requests {
        for version in APITable.entry(for: request.key).versions { try claimRefused(request, version, &generator) }
      }
    }
  }

  private func claimRefused<Request: WireRequest>(
    _ request: Request.Type, _ version: Int16, _ generator: inout SeededGenerator
  ) throws {
    try claimRefused(RandomCoder.message(Request.self, version: version, using: &generator), version)
    try claimRefused(RandomCoder.message(Request.Response.self, version: version, using: &generator), version)
  }

  private func claimRefused<Message: WireMessage>(_ message: Message, _ version: Int16) throws {
    var output: [UInt8] = []
    try message.encode(into: &output, version: version)
    for count in output.indices {
      var refusal: WireError?
      do throws(WireError) { _ = try Message.decode(output.prefix(count), version: version) } catch { refusal = error }
      try SeededProperty.claim(
        refusal?.code == .truncated,
        "\(Message.self) \(version), \(count) of \(output.count) bytes: \(refusal?.message ?? "read")")
    }
  }

  @Test func `a length beyond the frame is refused`() {
    // An array, a string and bytes, of which each claims as much as its length can.
    #expect(code(of: MetadataRequest.self, "7fffffff", version: 1) == .truncated)
    #expect(code(of: MetadataRequest.self, "ffffffff0f" + "0000", version: 9) == .truncated)
    #expect(code(of: FindCoordinatorRequest.self, "7fff" + "61", version: 0) == .truncated)
    #expect(code(of: SASLAuthenticateRequest.self, "7fffffff" + "00", version: 1) == .truncated)
    #expect(code(of: SASLAuthenticateRequest.self, "ffffffff0f" + "00", version: 2) == .truncated)
    // Tagged fields: their number, and the length of one.
    #expect(code(of: ListTransactionsRequest.self, "01" + "01" + "ffffffff0f", version: 0) == .truncated)
    #expect(code(of: ListTransactionsRequest.self, "01" + "01" + "01" + "00" + "ffffffff0f", version: 0) == .truncated)
    #expect(code(of: ListTransactionsRequest.self, "01" + "01" + "00", version: 0) == nil)
  }

  @Test func `a string that is too long for Kafka is refused in every version`() {
    let letters = String(repeating: "61", count: WireLimits.maximumStringByteCount + 1)
    #expect(code(of: FindCoordinatorRequest.self, "818002" + letters + "00" + "00", version: 3) == .stringTooLong)
    #expect(code(of: FindCoordinatorRequest.self, "808002" + letters.dropLast(2) + "00" + "00", version: 3) == nil)
    var output: [UInt8] = [9]
    let request = FindCoordinatorRequest {
      $0.coordinatorKey = String(repeating: "a", count: WireLimits.maximumStringByteCount + 1)
    }
    #expect(throws: WireError.self) { try request.encode(into: &output, version: 3) }
    #expect(output == [9])
    let answer = ListGroupsResponse {
      $0.groups = [ListGroupsResponse.ListedGroup { $0.groupID = request.coordinatorKey }]
    }
    #expect(throws: WireError.self) { try answer.encodeFrame(answering: 1, version: 3, into: &output) }
    #expect(output == [9])
  }

  @Test func `a number of variable length ends within its width`() {
    #expect(code(of: MetadataRequest.self, "ffffffff1f", version: 9) == .malformedNumber)
    #expect(code(of: MetadataRequest.self, "8080808080" + "01", version: 9) == .malformedNumber)
    #expect(code(of: MetadataRequest.self, "80808080", version: 9) == .truncated)
  }

  /// A frame of empty strings would take sixteen times its size once it is read.
  @Test func `the elements of a message are limited`() {
    func request(_ count: Int) -> [UInt8] {
      let length = UInt32(count + 1)
      let varint = (0..<4).map { UInt8(truncatingIfNeeded: length >> ($0 * 7)) & 0x7f | ($0 < 3 ? 0x80 : 0) }
      return varint + [UInt8](repeating: 1, count: count) + [0, 0]
    }
    let most = request(WireLimits.maximumElementCount)
    #expect(throws: Never.self) { try DescribeGroupsRequest.decode(most[...], version: 5) }
    #expect(throws: WireError.self) {
      try DescribeGroupsRequest.decode(request(WireLimits.maximumElementCount + 1)[...], version: 5)
    }
  }
}
