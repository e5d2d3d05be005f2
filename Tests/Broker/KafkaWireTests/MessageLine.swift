import KafkaWire
import SimulationKit

/// A message on one line: API key, version, request or response, body in hexadecimal, body as JSON.
struct MessageLine {
  let key: APIKey
  let version: Int16
  let kind: Substring
  let body: [UInt8]
  let json: Substring

  /// The line's parts; nil where it is none.
  init?(_ text: Substring) {
    let parts = text.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count == 5, let number = Int16(parts[0]), let key = APIKey(rawValue: number),
      let version = Int16(parts[1])
    else { return nil }
    self.key = key
    self.version = version
    kind = parts[2]
    body = HexadecimalText.bytes(String(parts[3]))
    json = parts[4]
  }

  /// Lines of a random request and a random response.
  static func random<Request: WireRequest>(
    _ request: Request.Type, version: Int16, using generator: inout SeededGenerator
  ) throws -> [String] {
    let asked = try RandomCoder.message(Request.self, version: version, using: &generator)
    var answered = try RandomCoder.message(Request.Response.self, version: version, using: &generator)
    // Of an ApiVersions answer that names an error, clients expect version 0 whatever they asked for.
    if var response = answered as? ApiVersionsResponse {
      response.errorCode = .none
      answered = response as? Request.Response ?? answered
    }
    return [try line("request", asked, version), try line("response", answered, version)]
  }

  private static func line<Message: WireMessage>(
    _ kind: String, _ message: Message, _ version: Int16
  ) throws -> String {
    var output: [UInt8] = []
    try message.encode(into: &output, version: version)
    let key = Message.key.rawValue
    return "\(key) \(version) \(kind) \(HexadecimalText.text(output)) \(MessageJSON.text(message))"
  }
}
