internal import MillraceDomain

extension CatalogueState {
  private static let snapshotVersion: UInt8 = 1

  /// The whole state as bytes: a version, then every entity in order. Equal states have equal bytes.
  package func encoded() -> [UInt8] {
    var writer = SnapshotWriter()
    writer.write(CatalogueState.snapshotVersion)
    writer.write(appliedIndex.number)
    writer.write(changedIndex.number)
    writer.write(namespaces.sorted()) { $0.write($1) }
    writer.write(functions.sorted { $0.key < $1.key }.map(\.value)) { writer, entry in
      writer.write(entry.function)
      writer.write(entry.versions) { $0.write($1) }
    }
    writer.write(deploymentOrder) { $0.write(deployments[$1]!) }
    writer.write(tokens.values.sorted { $0.id < $1.id }) { $0.write($1) }
    writer.write(retired) { writer, retired in
      writer.write(retired.key.namespace)
      writer.write(retired.key.name)
      writer.write(retired.lastVersion)
    }
    return writer.bytes
  }

  /// The state whose bytes these are.
  ///
  /// - Throws: ``SnapshotError`` where they are not, or of a later version.
  package init(decoding bytes: [UInt8]) throws(SnapshotError) {
    var reader = SnapshotReader(bytes)
    let version = try reader.number(UInt8.self)
    guard version == CatalogueState.snapshotVersion else { throw SnapshotError("version \(version) is unknown") }
    appliedIndex = CatalogueIndex(try reader.number())
    changedIndex = CatalogueIndex(try reader.number())
    namespaces = Set(try reader.list { reader throws(SnapshotError) in try reader.name() })
    let entries = try reader.list { reader throws(SnapshotError) in
      FunctionEntry(
        function: try reader.function(),
        versions: try reader.list { reader throws(SnapshotError) in try reader.catalogueVersion() })
    }
    for entry in entries {
      functions[FunctionKey(namespace: entry.function.namespace, name: entry.function.name)] = entry
    }
    for deployment in try reader.list({ reader throws(SnapshotError) in try reader.deployment() }) {
      deployments[deployment.id] = deployment
      deploymentOrder.append(deployment.id)
    }
    for token in try reader.list({ reader throws(SnapshotError) in try reader.token() }) { tokens[token.id] = token }
    retired = try reader.list { reader throws(SnapshotError) in
      let key = FunctionKey(namespace: try reader.name(), name: try reader.name())
      return Retired(key: key, lastVersion: try reader.version())
    }
    guard reader.isAtEnd, deployments.count == deploymentOrder.count else {
      throw SnapshotError("something follows its end, or an id is there twice")
    }
  }
}

extension SnapshotWriter {
  fileprivate mutating func write(_ function: CatalogueFunction) {
    write(function.namespace)
    write(function.name)
    write(function.latestVersion)
    write(function.createdAt)
    write(function.updatedAt)
  }

  fileprivate mutating func write(_ version: CatalogueVersion) {
    write(version.namespace)
    write(version.function)
    write(version.number)
    write(version.configuration)
    write(version.code)
    write(version.deployment)
    write(version.publishedAt)
  }

  private mutating func write(_ configuration: FunctionConfiguration) {
    write(configuration.handler)
    write(configuration.runtime)
    write(configuration.memoryMebibytes)
    write(configuration.timeoutSeconds)
    write(configuration.temporaryStorageMebibytes)
    write(configuration.concurrency)
    write(configuration.description)
    write(configuration.environment.sorted { $0.key < $1.key }) { writer, variable in
      writer.write(variable.key)
      writer.write(variable.value)
    }
  }

  private mutating func write(_ code: CodeReference) {
    write(code.digest.description)
    write(code.partition)
    write(code.firstOffset)
    write(code.byteCount)
    write(code.chunkCount)
  }

  fileprivate mutating func write(_ deployment: CatalogueDeployment) {
    write(deployment.id)
    write(deployment.namespace)
    write(deployment.function)
    write(deployment.state.rawValue)
    write(deployment.reason == nil ? 0 as UInt8 : 1)
    write(deployment.reason ?? "")
    write(deployment.version?.number ?? 0)
    write(deployment.createdAt)
    write(deployment.updatedAt)
  }

  fileprivate mutating func write(_ token: CatalogueToken) {
    write(token.id)
    write(token.namespace)
    write(token.name)
    write(token.secretDigest)
    write(token.createdAt)
    write(token.isRevoked ? 1 as UInt8 : 0)
  }
}

extension SnapshotReader {
  fileprivate mutating func function() throws(SnapshotError) -> CatalogueFunction {
    CatalogueFunction(
      namespace: try name(), name: try name(), latestVersion: try version(), createdAt: try time(),
      updatedAt: try time())
  }

  fileprivate mutating func catalogueVersion() throws(SnapshotError) -> CatalogueVersion {
    CatalogueVersion(
      namespace: try name(), function: try name(), number: try version(), configuration: try configuration(),
      code: try code(), deployment: try id(), publishedAt: try time())
  }

  private mutating func configuration() throws(SnapshotError) -> FunctionConfiguration {
    var configuration = FunctionConfiguration(handler: try name(), runtime: try name())
    configuration.memoryMebibytes = try number()
    configuration.timeoutSeconds = try number()
    configuration.temporaryStorageMebibytes = try number()
    configuration.concurrency = try number()
    configuration.description = try text()
    let variables = try list { reader throws(SnapshotError) in (try reader.text(), try reader.text()) }
    configuration.environment = Dictionary(variables) { _, last in last }
    return configuration
  }

  private mutating func code() throws(SnapshotError) -> CodeReference {
    let digestText = try text()
    return CodeReference(
      digest: try domain { () throws(DomainError) in try CodeDigest(digestText) }, partition: try number(),
      firstOffset: try number(), byteCount: try number(), chunkCount: try number())
  }

  fileprivate mutating func deployment() throws(SnapshotError) -> CatalogueDeployment {
    let (id, namespace, function): (DeploymentID, NamespaceName, FunctionName) = (try id(), try name(), try name())
    let stateText = try text()
    guard let state = CatalogueDeployment.State(rawValue: stateText) else {
      throw SnapshotError("'\(stateText)' is no state of a deployment")
    }
    let hasReason = try number(UInt8.self) == 1
    let reason = try text()
    let versionNumber = try number(Int32.self)
    let version = versionNumber == 0 ? nil : try domain { () throws(DomainError) in try VersionNumber(versionNumber) }
    return CatalogueDeployment(
      id: id, namespace: namespace, function: function, state: state, reason: hasReason ? reason : nil,
      version: version, createdAt: try time(), updatedAt: try time())
  }

  fileprivate mutating func token() throws(SnapshotError) -> CatalogueToken {
    CatalogueToken(
      id: try id(), namespace: try name(), name: try text(), secretDigest: try text(), createdAt: try time(),
      isRevoked: try number(UInt8.self) == 1)
  }
}
