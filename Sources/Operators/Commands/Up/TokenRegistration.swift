internal import Catalogue
internal import MillraceDomain
internal import Security

/// Makes the administrator's token known to the controller. Until it is, every command is answered with 401: `up` is not ready
/// before.
struct TokenRegistration: Sendable {
  /// What came of it.
  enum Outcome: Equatable {
    /// The controller knows the token, now or from before.
    case registered
    /// It never will: why, and what to do.
    case refused(String)
    /// The platform is ending.
    case givenUp
  }

  /// Whether it is worth another attempt.
  enum Pause { case over, ending }

  private let action: CatalogueCommand.Action

  /// A registration; nil where the text is no token.
  init?(_ token: String) {
    guard let id = Self.id(of: token) else { return nil }
    action = .createToken(
      id: id, namespace: .standard, name: "admin", secretDigest: Hexadecimal.text(of: SHA256.digest(token.utf8)))
  }

  /// The id in a token: `mr_`, its id, `_`, its secret.
  static func id(of token: String) -> TokenID? {
    let parts = token.split(separator: "_", maxSplits: 2)
    return parts.count == 3 && parts[0] == "mr" ? TokenID(parts[1]) : nil
  }

  /// Asks until the controller has decided; says why it has not, whenever that changes.
  func run(
    note: (String) -> Void, pause: () async -> Pause,
    perform: (CatalogueCommand.Action) async throws -> CatalogueAnswer
  ) async -> Outcome {
    var lastReason = ""
    while true {
      do {
        return outcome(try await perform(action))
      } catch {
        let reason = "\(error)"
        if reason != lastReason { note("not ready yet: the administrator's token is not registered: \(reason)") }
        lastReason = reason
      }
      if await pause() == .ending { return .givenUp }
    }
  }

  private func outcome(_ answer: CatalogueAnswer) -> Outcome {
    switch answer {
    case .rejected(let rejection): .refused("\(rejection)")
    case .accepted(.token(let token)) where token.isRevoked: .refused("it was revoked")
    case .accepted: .registered
    }
  }
}
