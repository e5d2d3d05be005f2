internal import MillraceDomain

extension CatalogueState {
  func requireRoom(for key: FunctionKey) throws(CatalogueRejection) {
    guard let entry = functions[key] else {
      guard functions.count < CatalogueLimits.functions else {
        throw CatalogueRejection(.limitExceeded, "there are \(functions.count) functions already")
      }
      return
    }
    guard entry.versions.count < CatalogueLimits.versionsPerFunction else {
      throw CatalogueRejection(
        .limitExceeded, "the function '\(key.name)' has \(entry.versions.count) versions already")
    }
  }

  func nextVersion(of key: FunctionKey) -> VersionNumber {
    if let entry = functions[key] { return entry.function.latestVersion.next }
    return retired.first { $0.key == key }?.lastVersion.next ?? .first
  }

  /// The version stands before the function that names it, so that no reader meets a name that leads nowhere.
  mutating func add(
    _ version: CatalogueVersion, to key: FunctionKey, at time: Timestamp, _ changes: inout [CatalogueChange]
  ) {
    let new = CatalogueFunction(
      namespace: key.namespace, name: key.name, latestVersion: version.number, createdAt: time, updatedAt: time)
    var entry = functions[key] ?? FunctionEntry(function: new, versions: [])
    entry.function.latestVersion = version.number
    entry.function.updatedAt = time
    entry.versions.append(version)
    functions[key] = entry
    retired.removeAll { $0.key == key }
    changes += [.put(.version(version)), .put(.function(entry.function))]
  }

  mutating func deleteFunction(
    _ key: FunctionKey, at time: Timestamp, _ changes: inout [CatalogueChange]
  ) throws(CatalogueRejection) {
    guard let entry = functions.removeValue(forKey: key) else {
      throw CatalogueRejection(.unknownFunction, "there is no function '\(key.name)'")
    }
    retired.append(Retired(key: key, lastVersion: entry.function.latestVersion))
    if retired.count > CatalogueLimits.retiredFunctions { retired.removeFirst() }
    changes.append(.delete(.function(key.namespace, key.name)))
    for version in entry.versions { changes.append(.delete(.version(key.namespace, key.name, version.number))) }
    for id in deploymentOrder {
      guard var deployment = deployments[id], deployment.namespace == key.namespace, deployment.function == key.name
      else { continue }
      switch deployment.state {
      case .active, .failed: continue
      case .pending, .building:
        deployment.state = .failed
        deployment.reason = "the function was deleted"
        put(&deployment, at: time, &changes)
      }
    }
  }
}
