/// An identifier that is a UUIDv7; `Kind` keeps those of different things apart.
package struct Identifier<Kind>: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
  /// The UUID.
  package let uuid: UUIDv7

  /// An identifier that is given.
  package init(_ uuid: UUIDv7) { self.uuid = uuid }

  /// A new identifier, made at the given time.
  package init(at time: Timestamp, using generator: inout some RandomNumberGenerator) {
    uuid = UUIDv7(atMilliseconds: time.milliseconds, using: &generator)
  }

  /// From text; nil where it is not a UUIDv7.
  package init?(_ text: some StringProtocol) {
    guard let uuid = UUIDv7(text) else { return nil }
    self.uuid = uuid
  }

  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let uuid = UUIDv7(text) else {
      throw DomainError(.badIdentifier, "'\(text.prefix(80))' is not a UUID of version 7")
    }
    self.uuid = uuid
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// When it was made.
  package var time: Timestamp { Timestamp(milliseconds: uuid.milliseconds) }
  package var description: String { uuid.description }
  package static func < (left: Self, right: Self) -> Bool { left.uuid < right.uuid }
}

/// What an invocation id identifies: one accepted event for one function, whatever the number of attempts.
package enum InvocationKind {}
/// What a deployment id identifies: one submission of a function for build.
package enum DeploymentKind {}
/// What a token id identifies: one API token. The token's secret is not the id.
package enum TokenKind {}

/// One accepted event for one function.
package typealias InvocationID = Identifier<InvocationKind>
/// One submission of a function for build.
package typealias DeploymentID = Identifier<DeploymentKind>
/// One API token.
package typealias TokenID = Identifier<TokenKind>
