/// How much one catalogue holds. A command that would go beyond is rejected with `limitExceeded`.
package enum CatalogueLimits {
  /// Functions in all.
  package static let functions = 10_000
  /// Versions of one function.
  package static let versionsPerFunction = 1_000
  /// API tokens, revoked ones included.
  package static let tokens = 10_000
  /// Deployments kept. The oldest finished one goes when one more is registered; where all are unfinished, that is rejected.
  package static let deployments = 10_000
  /// Names of deleted functions whose version numbers are remembered; the one deleted first is forgotten.
  package static let retiredFunctions = 10_000
  /// Characters of a token's name.
  package static let tokenNameCharacters = 128
  /// Characters of a failed deployment's reason; more are cut.
  package static let reasonCharacters = 2_000
}
