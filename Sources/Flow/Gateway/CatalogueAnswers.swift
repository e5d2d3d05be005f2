internal import MillraceDomain

/// A function as the gateway's answers show it.
struct FunctionAnswer: Encodable {
  let name: String
  let namespace: String
  let latestVersion: Int32
  let createdAt: String
  let updatedAt: String
  let handler: String?
  let runtime: String?
  let configuration: FunctionConfiguration?

  init(_ function: CatalogueFunction, _ latest: CatalogueVersion?) {
    name = function.name.text
    namespace = function.namespace.text
    latestVersion = function.latestVersion.number
    createdAt = WireTime.text(function.createdAt)
    updatedAt = WireTime.text(function.updatedAt)
    handler = latest?.configuration.handler.text
    runtime = latest?.configuration.runtime.text
    configuration = latest?.configuration
  }
}

/// A version as the gateway's answers show it.
struct VersionAnswer: Encodable {
  let function: String
  let version: Int32
  let configuration: FunctionConfiguration
  let codeSha256: String
  let codeBytes: Int64
  let deployment: String
  let publishedAt: String

  init(_ version: CatalogueVersion) {
    function = version.function.text
    self.version = version.number.number
    configuration = version.configuration
    codeSha256 = version.code.digest.description
    codeBytes = version.code.byteCount
    deployment = version.deployment.description
    publishedAt = WireTime.text(version.publishedAt)
  }
}

/// A deployment as the gateway's answers show it. `state` says what `status` says, for readers that look there.
struct DeploymentAnswer: Encodable {
  let id: String
  let function: String
  let status: String
  let state: String
  let reason: String?
  let version: Int32?
  let createdAt: String
  let updatedAt: String

  init(_ deployment: CatalogueDeployment) {
    id = deployment.id.description
    function = deployment.function.text
    status = deployment.state.rawValue
    state = deployment.state.rawValue
    reason = deployment.reason
    version = deployment.version?.number
    createdAt = WireTime.text(deployment.createdAt)
    updatedAt = WireTime.text(deployment.updatedAt)
  }
}
