internal import FoundationEssentials

/// The protocol between roles and controller: JSON over HTTP/1.1, on a Unix socket or on TCP.
package enum ControlProtocol {
  /// Where commands go: `POST`.
  package static let commandsPath = "/control/v1/commands"
  /// Where the status is: `GET`.
  package static let statusPath = "/control/v1/status"
  /// The type of every body.
  package static let contentType = "application/json"
  /// A longer request is refused with 413.
  package static let requestByteCount = 1 << 20

  /// The `Authorization` header's value for a cluster token.
  package static func authorization(clusterToken: String) -> String { "Bearer \(clusterToken)" }

  /// A message as JSON, keys sorted.
  package static func encode(_ message: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do { return Array(try encoder.encode(message)) } catch {
      preconditionFailure("our own messages are encodable: \(error)")
    }
  }

  /// A message from JSON.
  ///
  /// - Throws: `DecodingError`, or a `DomainError` where a value breaks a rule.
  package static func decode<Message: Decodable>(_ type: Message.Type, _ bytes: [UInt8]) throws -> Message {
    try JSONDecoder().decode(type, from: Data(bytes))
  }
}
