/// The key of an entity in the catalogue feed: what compaction keeps the newest record of.
package enum CatalogueKey: Hashable, Sendable, CustomStringConvertible {
  case function(NamespaceName, FunctionName)
  case version(NamespaceName, FunctionName, VersionNumber)
  case deployment(DeploymentID)
  case token(TokenID)

  /// The record's key: `function/default/hello`, `version/default/hello/3`, `deployment/<id>`, `token/<id>`.
  package var description: String {
    switch self {
    case .function(let namespace, let name): "function/\(namespace)/\(name)"
    case .version(let namespace, let name, let number): "version/\(namespace)/\(name)/\(number)"
    case .deployment(let id): "deployment/\(id)"
    case .token(let id): "token/\(id)"
    }
  }

  /// From a record's key; nil where it is none of the forms, letter by letter: compaction compares bytes.
  package init?(_ text: some StringProtocol) {
    let parts = String(text).split(separator: Character("/"), omittingEmptySubsequences: false).map(String.init)
    switch (parts.first, parts.count) {
    case ("function", 3):
      guard let namespace = try? NamespaceName(parts[1]), let name = try? FunctionName(parts[2]) else { return nil }
      self = .function(namespace, name)
    case ("version", 4):
      guard let namespace = try? NamespaceName(parts[1]), let name = try? FunctionName(parts[2]),
        let number = Int32(parts[3]), let version = try? VersionNumber(number)
      else { return nil }
      self = .version(namespace, name, version)
    case ("deployment", 2):
      guard let id = DeploymentID(parts[1]) else { return nil }
      self = .deployment(id)
    case ("token", 2):
      guard let id = TokenID(parts[1]) else { return nil }
      self = .token(id)
    default: return nil
    }
    guard description.utf8.elementsEqual(text.utf8) else { return nil }
  }
}

/// An entity of the catalogue as it is after a change.
package enum CatalogueEntity: Hashable, Sendable {
  case function(CatalogueFunction)
  case version(CatalogueVersion)
  case deployment(CatalogueDeployment)
  case token(CatalogueToken)

  /// Its key in the feed.
  package var key: CatalogueKey {
    switch self {
    case .function(let function): .function(function.namespace, function.name)
    case .version(let version): .version(version.namespace, version.function, version.number)
    case .deployment(let deployment): .deployment(deployment.id)
    case .token(let token): .token(token.id)
    }
  }
}

/// What a committed command did to one entity.
package enum CatalogueChange: Hashable, Sendable {
  /// The entity is now this.
  case put(CatalogueEntity)
  /// The entity is gone.
  case delete(CatalogueKey)

  /// The key of the entity.
  package var key: CatalogueKey {
    switch self {
    case .put(let entity): entity.key
    case .delete(let key): key
    }
  }
}
