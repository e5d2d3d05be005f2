package import MillraceDomain

/// The catalogue: a state machine over committed commands. Equal commands in equal order give equal states on every machine.
package struct CatalogueState: Hashable, Sendable {
  struct FunctionKey: Hashable, Comparable, Sendable {
    let namespace: NamespaceName
    let name: FunctionName
    static func < (left: Self, right: Self) -> Bool {
      left.namespace == right.namespace ? left.name < right.name : left.namespace < right.namespace
    }
  }

  struct FunctionEntry: Hashable, Sendable {
    var function: CatalogueFunction
    /// In the order of their numbers.
    var versions: [CatalogueVersion]
  }

  /// A deleted function's last version number.
  struct Retired: Hashable, Sendable {
    let key: FunctionKey
    let lastVersion: VersionNumber
  }

  /// The last index applied.
  package internal(set) var appliedIndex = CatalogueIndex(0)
  /// The last index that changed anything: what a reader of `functions` waits for to see all of this state.
  package internal(set) var changedIndex = CatalogueIndex(0)

  var namespaces: Set<NamespaceName> = [.standard]
  var functions: [FunctionKey: FunctionEntry] = [:]
  var deployments: [DeploymentID: CatalogueDeployment] = [:]
  /// In the order of registration.
  var deploymentOrder: [DeploymentID] = []
  var tokens: [TokenID: CatalogueToken] = [:]
  /// In the order of deletion; a name is there at most once.
  var retired: [Retired] = []

  /// A catalogue before its first command: the namespace `default`, and nothing in it.
  package init() {}

  /// Applies the command committed at the index, which must be later than any applied before.
  package mutating func apply(_ command: CatalogueCommand, at index: CatalogueIndex) -> CatalogueDecision {
    precondition(index > appliedIndex, "entries are applied once and in order")
    var changes: [CatalogueChange] = []
    let answer: CatalogueAnswer
    do throws(CatalogueRejection) {
      answer = .accepted(try perform(command.action, at: command.time, &changes))
    } catch {
      precondition(changes.isEmpty, "a rejected command changes nothing")
      answer = .rejected(error)
    }
    appliedIndex = index
    if !changes.isEmpty { changedIndex = index }
    return CatalogueDecision(answer: answer, changes: changes)
  }

  /// Notes that the entry at the index told the feed about the whole state: what a reader needs to begin anew.
  ///
  /// The changes are the deletion of the `stale` keys, which the feed has and the catalogue has not, and every entity.
  package mutating func republish(deleting stale: [CatalogueKey], at index: CatalogueIndex) -> [CatalogueChange] {
    precondition(index > appliedIndex, "entries are applied once and in order")
    let changes = stale.map { CatalogueChange.delete($0) } + entities.map { .put($0) }
    appliedIndex = index
    if !changes.isEmpty { changedIndex = index }
    return changes
  }

  private mutating func perform(
    _ action: CatalogueCommand.Action, at time: Timestamp, _ changes: inout [CatalogueChange]
  ) throws(CatalogueRejection) -> CatalogueOutcome {
    switch action {
    case .createToken(let id, let namespace, let name, let secretDigest):
      let token = CatalogueToken(
        id: id, namespace: namespace, name: name, secretDigest: secretDigest, createdAt: time)
      return .token(try create(token, &changes))
    case .revokeToken(let id):
      return .token(try revokeToken(id, &changes))
    case .registerDeployment(let id, let namespace, let function):
      let deployment = CatalogueDeployment(
        id: id, namespace: namespace, function: function, state: .pending, createdAt: time, updatedAt: time)
      return .deployment(try register(deployment, &changes))
    case .startBuild(let id):
      return .deployment(try startBuild(id, at: time, &changes))
    case .publishVersion(let id, let configuration, let code):
      return .version(try publish(id, configuration, code, at: time, &changes))
    case .failDeployment(let id, let reason):
      return .deployment(try fail(id, reason, at: time, &changes))
    case .deleteFunction(let namespace, let name):
      try deleteFunction(FunctionKey(namespace: namespace, name: name), at: time, &changes)
      return .functionDeleted(namespace: namespace, function: name)
    }
  }

  /// Every entity there is, in the order in which a new reader of `functions` should meet them.
  package var entities: [CatalogueEntity] {
    let entries = functions.sorted { $0.key < $1.key }.map(\.value)
    return tokens.values.sorted { $0.id < $1.id }.map { .token($0) }
      + deploymentOrder.map { .deployment(deployments[$0]!) }
      + entries.flatMap { entry in entry.versions.map { .version($0) } + [.function(entry.function)] }
  }

  func requireNamespace(_ namespace: NamespaceName) throws(CatalogueRejection) {
    guard namespaces.contains(namespace) else {
      throw CatalogueRejection(.unknownNamespace, "there is no namespace '\(namespace)'")
    }
  }
}
