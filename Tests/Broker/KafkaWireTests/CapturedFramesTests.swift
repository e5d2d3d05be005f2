import KafkaWire
import SimulationKit
import Testing

/// Every frame that a client or Kafka sent, in a version of the table, is understood whole: decoded and encoded again
/// it has the same bytes.
@Suite struct CapturedFramesTests {
  static let captured = "../shared/broker-conformance/frames.jsonl"

  /// What librdkafka leaves behind the end of some requests, mostly where it writes a null into the place of a length of
  /// four bytes. Kafka passes over it, and so do we.
  static let spareBytes: [(key: APIKey, version: Int16, bytes: [UInt8])] = [
    (.metadata, 12, [1, 0, 0]), (.offsetFetch, 7, [0, 0, 0]), (.listGroups, 4, [0]),
  ]

  private static func isKnown(_ spare: [UInt8], _ key: APIKey, _ version: Int16) -> Bool {
    spareBytes.contains { $0.key == key && $0.version == version && $0.bytes == spare }
  }

  @Test(.enabled("no captured frames at \(captured)") { try CapturedFrame.read(captured) != nil })
  func `captured frames are encoded as they came`() throws {
    let frames = try #require(try CapturedFrame.read(Self.captured))
    var checked = 0
    for (index, frame) in frames.enumerated() {
      guard let key = APIKey(rawValue: frame.key), APITable.entry(for: key).versions.contains(frame.ver) else {
        continue
      }
      let request = MessageList.request(key)
      checked += 1
      let name = "line \(index + 1): \(key) \(frame.ver)"
      #expect(throws: Never.self, "\(name)") { try check(frame, request, key, name) }
    }
    #expect(checked > 1)
  }

  private func check(
    _ frame: CapturedFrame, _ request: any WireRequest.Type, _ key: APIKey, _ name: String
  ) throws {
    let asked = HexadecimalText.bytes(frame.req)
    let askedAgain = try request.roundTrip(requestFrame: asked)
    let spare = Array(asked.dropFirst(askedAgain.count))
    #expect(asked.starts(with: askedAgain), "\(name), request")
    #expect(spare.isEmpty || Self.isKnown(spare, key, frame.ver), "\(name), request: \(spare) stand behind its end")
    guard let answer = frame.rsp.map(HexadecimalText.bytes), !answer.isEmpty else { return }
    guard answer.count == frame.rsplen else { return }  // the capture keeps the first 8 KiB of an answer
    #expect(try request.roundTrip(responseFrame: answer, version: frame.ver) == answer, "\(name), response")
  }
}
