package import MillraceDomain

/// What a command came to.
package enum CatalogueAnswer: Hashable, Sendable, Codable {
  /// It was done, now or before.
  case accepted(CatalogueOutcome)
  /// It breaks a rule; nothing changed.
  case rejected(CatalogueRejection)
}

/// What an accepted command was about, as it is now.
package enum CatalogueOutcome: Hashable, Sendable, Codable {
  case token(CatalogueToken)
  case deployment(CatalogueDeployment)
  case version(CatalogueVersion)
  case functionDeleted(namespace: NamespaceName, function: FunctionName)
}

/// Why a command was not done. Always the asker's fault; repeating it cannot help.
package struct CatalogueRejection: Error, Hashable, Sendable, Codable, CustomStringConvertible {
  /// Which rule was broken. An open set.
  package struct Code: Hashable, Sendable, Codable {
    /// Its name on the wire.
    package let name: String
    /// There is no such namespace.
    package static let unknownNamespace = Code(name: "unknown_namespace")
    /// There is no such function.
    package static let unknownFunction = Code(name: "unknown_function")
    /// There is no such deployment, or it is older than those that are kept.
    package static let unknownDeployment = Code(name: "unknown_deployment")
    /// There is no such token.
    package static let unknownToken = Code(name: "unknown_token")
    /// The id belongs to something else already.
    package static let conflict = Code(name: "conflict")
    /// The deployment is active or failed already and cannot become the other.
    package static let alreadyFinished = Code(name: "already_finished")
    /// A limit of ``CatalogueLimits`` is reached.
    package static let limitExceeded = Code(name: "limit_exceeded")
    /// A value is not of its form.
    package static let badValue = Code(name: "bad_value")
    private init(name: String) { self.name = name }
    package init(from decoder: any Decoder) throws { name = try decoder.singleValueContainer().decode(String.self) }
    package func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(name)
    }
  }

  /// Which rule.
  package let code: Code
  /// What was wrong; safe to show a customer.
  package let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { "\(code.name): \(message)" }
}

/// An answer and what changed for it, in order. No changes: it was rejected, or done before.
package struct CatalogueDecision: Hashable, Sendable {
  /// For whoever asked.
  package let answer: CatalogueAnswer
  /// For the topic `functions`.
  package let changes: [CatalogueChange]
}
