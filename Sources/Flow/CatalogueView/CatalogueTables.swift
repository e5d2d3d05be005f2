package import LogContracts
package import MillraceDomain
internal import Security

/// The catalogue as its feed tells it: the newest record of every entity, indexed for lookups. Pure.
package struct CatalogueTables: Sendable {
  struct FunctionKey: Hashable, Sendable {
    let namespace: NamespaceName
    let name: FunctionName
  }

  /// The last index of which every change is here.
  package private(set) var appliedIndex = CatalogueIndex(0)

  private var functions: [FunctionKey: CatalogueFunction] = [:]
  private var versions: [FunctionKey: [VersionNumber: CatalogueVersion]] = [:]
  private var deployments: [DeploymentID: CatalogueDeployment] = [:]
  private var tokens: [TokenID: CatalogueToken] = [:]
  /// By the first eight bytes of the digest, which is no secret: the rest is compared in constant time.
  private var tokensByDigest: [UInt64: [(digest: [UInt8], id: TokenID)]] = [:]
  private var codeByDigest: [CodeDigest: CodeReference] = [:]

  /// Nothing yet.
  package init() {}

  // MARK: feeding

  /// Applies the next record of the feed. A record of an index that is complete already is a repeat and changes nothing.
  package mutating func apply(_ record: CatalogueChangeRecord) {
    guard record.index > appliedIndex else { return }
    switch record.change {
    case .put(.function(let function)):
      functions[FunctionKey(namespace: function.namespace, name: function.name)] = function
    case .put(.version(let version)):
      versions[FunctionKey(namespace: version.namespace, name: version.function), default: [:]][version.number] =
        version
      codeByDigest[version.code.digest] = version.code
    case .put(.deployment(let deployment)): deployments[deployment.id] = deployment
    case .put(.token(let token)): put(token)
    case .delete(let key): delete(key)
    }
    // Whatever came before this index is complete: the feed has one order.
    if record.isLastOfIndex {
      appliedIndex = record.index
    } else {
      appliedIndex = max(appliedIndex, CatalogueIndex(record.index.number - 1))
    }
  }

  private mutating func put(_ token: CatalogueToken) {
    removeToken(token.id)
    tokens[token.id] = token
    guard let digest = Hexadecimal.bytes(of: token.secretDigest), digest.count == 32 else { return }
    tokensByDigest[CatalogueTables.bucket(digest), default: []].append((digest, token.id))
  }

  private mutating func removeToken(_ id: TokenID) {
    guard let old = tokens.removeValue(forKey: id), let digest = Hexadecimal.bytes(of: old.secretDigest) else { return }
    tokensByDigest[CatalogueTables.bucket(digest)]?.removeAll { $0.id == id }
  }

  private mutating func delete(_ key: CatalogueKey) {
    switch key {
    case .function(let namespace, let name): functions[FunctionKey(namespace: namespace, name: name)] = nil
    case .version(let namespace, let name, let number):
      let key = FunctionKey(namespace: namespace, name: name)
      if let version = versions[key]?.removeValue(forKey: number) { codeByDigest[version.code.digest] = nil }
      if versions[key]?.isEmpty == true { versions[key] = nil }
    case .deployment(let id): deployments[id] = nil
    case .token(let id): removeToken(id)
    }
  }

  private static func bucket(_ digest: [UInt8]) -> UInt64 { digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }

  // MARK: lookups

  /// A function by name.
  package func function(_ name: FunctionName, in namespace: NamespaceName) -> CatalogueFunction? {
    functions[FunctionKey(namespace: namespace, name: name)]
  }

  /// What `$LATEST` of a function means now; nil where there is no such function.
  package func latestVersion(of name: FunctionName, in namespace: NamespaceName) -> CatalogueVersion? {
    let key = FunctionKey(namespace: namespace, name: name)
    guard let function = functions[key] else { return nil }
    return versions[key]?[function.latestVersion]
  }

  /// One version of a function; nil where there is none or its function is gone.
  package func version(
    _ number: VersionNumber, of name: FunctionName, in namespace: NamespaceName
  ) -> CatalogueVersion? {
    versions[FunctionKey(namespace: namespace, name: name)]?[number]
  }

  /// All functions of a namespace, by name.
  package func functions(in namespace: NamespaceName) -> [CatalogueFunction] {
    functions.values.filter { $0.namespace == namespace }.sorted { $0.name < $1.name }
  }

  /// All versions of a function, newest first.
  package func versions(of name: FunctionName, in namespace: NamespaceName) -> [CatalogueVersion] {
    let versions = versions[FunctionKey(namespace: namespace, name: name)] ?? [:]
    return versions.values.sorted { $0.number > $1.number }
  }

  /// A deployment by id.
  package func deployment(_ id: DeploymentID) -> CatalogueDeployment? { deployments[id] }

  /// A token by id.
  package func token(_ id: TokenID) -> CatalogueToken? { tokens[id] }

  /// The token whose secret has the SHA-256, revoked or not. Digests are compared in constant time.
  package func token(secretDigest: [UInt8]) -> CatalogueToken? {
    guard secretDigest.count == 32 else { return nil }
    var found: TokenID?
    for (digest, id) in tokensByDigest[CatalogueTables.bucket(secretDigest)] ?? []
    where MessageAuthentication.areEqual(digest, secretDigest) { found = id }
    return found.flatMap { tokens[$0] }
  }

  /// Where code of the digest stands already, as far as the versions there are tell. Not finding it means storing it
  /// once more, no worse.
  package func code(of digest: CodeDigest) -> CodeReference? { codeByDigest[digest] }
}
