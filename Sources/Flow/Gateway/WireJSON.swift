internal import FoundationEssentials
internal import HTTPServer

/// JSON of the gateway's own answers: sorted keys, so that the same answer has the same bytes.
enum WireJSON {
  static func encode(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do { return Array(try encoder.encode(value)) } catch { preconditionFailure("our own answers are JSON: \(error)") }
  }

  static func response(
    _ value: some Encodable, status: Int = 200, fields: [(name: String, value: String)] = []
  ) -> HTTPResponse {
    HTTPResponse(status: status, fields: [("Content-Type", "application/json")] + fields, body: encode(value))
  }
}
