/// A function as the catalogue has it. Its newest version is what `$LATEST` means.
package struct CatalogueFunction: Hashable, Sendable, Codable {
  /// Whose it is.
  package var namespace: NamespaceName
  /// Its name, unique in the namespace.
  package var name: FunctionName
  /// The newest version.
  package var latestVersion: VersionNumber
  /// When its first version was published.
  package var createdAt: Timestamp
  /// When its newest version was published.
  package var updatedAt: Timestamp

  /// A function from its parts.
  package init(
    namespace: NamespaceName, name: FunctionName, latestVersion: VersionNumber, createdAt: Timestamp,
    updatedAt: Timestamp
  ) {
    self.namespace = namespace
    self.name = name
    self.latestVersion = latestVersion
    self.createdAt = createdAt
    self.updatedAt = updatedAt
  }
}

/// An immutable version of a function.
package struct CatalogueVersion: Hashable, Sendable, Codable {
  /// Whose it is.
  package var namespace: NamespaceName
  /// The function's name.
  package var function: FunctionName
  /// The version's number.
  package var number: VersionNumber
  /// How it is run.
  package var configuration: FunctionConfiguration
  /// Its code: a zip archive as the builder normalised it.
  package var code: CodeReference
  /// The deployment that made it.
  package var deployment: DeploymentID
  /// When it was published.
  package var publishedAt: Timestamp

  /// A version from its parts.
  package init(
    namespace: NamespaceName, function: FunctionName, number: VersionNumber, configuration: FunctionConfiguration,
    code: CodeReference, deployment: DeploymentID, publishedAt: Timestamp
  ) {
    self.namespace = namespace
    self.function = function
    self.number = number
    self.configuration = configuration
    self.code = code
    self.deployment = deployment
    self.publishedAt = publishedAt
  }
}

/// One submission of a function for build, and what became of it.
package struct CatalogueDeployment: Hashable, Sendable, Codable {
  /// Where a deployment is: pending → building → active or failed; pending → failed.
  package enum State: String, Sendable, Codable {
    case pending, building, active, failed
  }

  /// Its id.
  package var id: DeploymentID
  /// Whose it is.
  package var namespace: NamespaceName
  /// The function's name.
  package var function: FunctionName
  /// Where it is.
  package var state: State
  /// Why it failed; nil in the other states.
  package var reason: String?
  /// The version it made; nil unless active.
  package var version: VersionNumber?
  /// When it was registered.
  package var createdAt: Timestamp
  /// When its state changed last.
  package var updatedAt: Timestamp

  /// A deployment from its parts.
  package init(
    id: DeploymentID, namespace: NamespaceName, function: FunctionName, state: State, reason: String? = nil,
    version: VersionNumber? = nil, createdAt: Timestamp, updatedAt: Timestamp
  ) {
    self.id = id
    self.namespace = namespace
    self.function = function
    self.state = state
    self.reason = reason
    self.version = version
    self.createdAt = createdAt
    self.updatedAt = updatedAt
  }
}

/// An API token. The secret itself is nowhere: only its SHA-256, which is enough for 256 random bits.
package struct CatalogueToken: Hashable, Sendable, Codable {
  /// Its id, which is not secret.
  package var id: TokenID
  /// The namespace it acts in.
  package var namespace: NamespaceName
  /// For people, as in `admin`.
  package var name: String
  /// SHA-256 of the token's text, 64 hexadecimal digits.
  package var secretDigest: String
  /// When it was made.
  package var createdAt: Timestamp
  /// Whether it is refused from now on.
  package var isRevoked: Bool

  /// A token from its parts.
  package init(
    id: TokenID, namespace: NamespaceName, name: String, secretDigest: String, createdAt: Timestamp,
    isRevoked: Bool = false
  ) {
    self.id = id
    self.namespace = namespace
    self.name = name
    self.secretDigest = secretDigest
    self.createdAt = createdAt
    self.isRevoked = isRevoked
  }
}
