internal import MillraceDomain

extension CatalogueState {
  mutating func register(
    _ deployment: CatalogueDeployment, _ changes: inout [CatalogueChange]
  ) throws(CatalogueRejection) -> CatalogueDeployment {
    try requireNamespace(deployment.namespace)
    if let existing = deployments[deployment.id] {
      guard existing.namespace == deployment.namespace, existing.function == deployment.function else {
        throw CatalogueRejection(.conflict, "the id \(deployment.id) belongs to another deployment")
      }
      return existing
    }
    let key = FunctionKey(namespace: deployment.namespace, name: deployment.function)
    try requireRoom(for: key)
    try forgetOldestDeployment(&changes)
    deployments[deployment.id] = deployment
    deploymentOrder.append(deployment.id)
    changes.append(.put(.deployment(deployment)))
    return deployment
  }

  /// Makes room for one more where there is none.
  private mutating func forgetOldestDeployment(_ changes: inout [CatalogueChange]) throws(CatalogueRejection) {
    guard deployments.count >= CatalogueLimits.deployments else { return }
    let oldest = deploymentOrder.firstIndex { id in
      switch deployments[id]!.state {
      case .active, .failed: true
      case .pending, .building: false
      }
    }
    guard let oldest else {
      throw CatalogueRejection(.limitExceeded, "\(deployments.count) deployments are unfinished already")
    }
    let id = deploymentOrder.remove(at: oldest)
    deployments[id] = nil
    changes.append(.delete(.deployment(id)))
  }

  mutating func startBuild(
    _ id: DeploymentID, at time: Timestamp, _ changes: inout [CatalogueChange]
  ) throws(CatalogueRejection) -> CatalogueDeployment {
    var deployment = try requireDeployment(id)
    guard deployment.state == .pending else { return deployment }
    deployment.state = .building
    put(&deployment, at: time, &changes)
    return deployment
  }

  mutating func fail(
    _ id: DeploymentID, _ reason: String, at time: Timestamp, _ changes: inout [CatalogueChange]
  ) throws(CatalogueRejection) -> CatalogueDeployment {
    var deployment = try requireDeployment(id)
    switch deployment.state {
    case .failed: return deployment
    case .active: throw CatalogueRejection(.alreadyFinished, "the deployment \(id) is active")
    case .pending, .building:
      deployment.state = .failed
      deployment.reason = String(
        String.UnicodeScalarView(reason.unicodeScalars.prefix(CatalogueLimits.reasonCharacters)))
      put(&deployment, at: time, &changes)
      return deployment
    }
  }

  mutating func publish(
    _ id: DeploymentID, _ configuration: FunctionConfiguration, _ code: CodeReference, at time: Timestamp,
    _ changes: inout [CatalogueChange]
  ) throws(CatalogueRejection) -> CatalogueVersion {
    var deployment = try requireDeployment(id)
    let key = FunctionKey(namespace: deployment.namespace, name: deployment.function)
    switch deployment.state {
    case .active:
      guard let version = functions[key]?.versions.first(where: { $0.deployment == id }) else {
        throw CatalogueRejection(.unknownFunction, "the function '\(deployment.function)' was deleted")
      }
      return version
    case .failed: throw CatalogueRejection(.alreadyFinished, "the deployment \(id) has failed")
    case .pending, .building: break
    }
    do throws(DomainError) { try configuration.validate() } catch {
      throw CatalogueRejection(.badValue, error.message)
    }
    try requireRoom(for: key)
    let version = CatalogueVersion(
      namespace: key.namespace, function: key.name, number: nextVersion(of: key), configuration: configuration,
      code: code, deployment: id, publishedAt: time)
    add(version, to: key, at: time, &changes)
    deployment.state = .active
    deployment.version = version.number
    put(&deployment, at: time, &changes)
    return version
  }

  func requireDeployment(_ id: DeploymentID) throws(CatalogueRejection) -> CatalogueDeployment {
    guard let deployment = deployments[id] else {
      throw CatalogueRejection(.unknownDeployment, "there is no deployment \(id)")
    }
    return deployment
  }

  mutating func put(_ deployment: inout CatalogueDeployment, at time: Timestamp, _ changes: inout [CatalogueChange]) {
    deployment.updatedAt = time
    deployments[deployment.id] = deployment
    changes.append(.put(.deployment(deployment)))
  }
}
