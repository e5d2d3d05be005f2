package import MillraceDomain

/// What the catalogue can be asked to change. Time comes with it, so that every member that applies it does the same.
package struct CatalogueCommand: Hashable, Sendable, Codable {
  /// What is asked. Every one may be repeated: the repeat changes nothing and has the same outcome, but for a function
  /// deleted before, which is rejected as unknown.
  package enum Action: Hashable, Sendable, Codable {
    /// Adds a token. The id is the caller's; the secret never comes here, only its SHA-256 in hexadecimal.
    case createToken(id: TokenID, namespace: NamespaceName, name: String, secretDigest: String)
    /// Refuses the token from now on.
    case revokeToken(id: TokenID)
    /// Adds a pending deployment. The id is the caller's.
    case registerDeployment(id: DeploymentID, namespace: NamespaceName, function: FunctionName)
    /// A pending deployment is being built.
    case startBuild(deployment: DeploymentID)
    /// The deployment is built: makes the function's next version of it.
    case publishVersion(deployment: DeploymentID, configuration: FunctionConfiguration, code: CodeReference)
    /// The deployment cannot be built, and why.
    case failDeployment(deployment: DeploymentID, reason: String)
    /// Removes the function and its versions; unfinished deployments of it fail. Its number of versions is
    /// remembered, so that a later function of the name never has a version number that once meant other code.
    case deleteFunction(namespace: NamespaceName, function: FunctionName)
  }

  /// When it was accepted, by the clock of the member that accepted it.
  package var time: Timestamp
  /// What is asked.
  package var action: Action

  /// A command.
  package init(at time: Timestamp, _ action: Action) {
    self.time = time
    self.action = action
  }
}
