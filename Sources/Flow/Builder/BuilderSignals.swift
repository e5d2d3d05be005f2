/// Names of the builder's metrics and log fields.
enum BuilderSignals {
  static let builds = "builder.builds"
  static let buildSeconds = "builder.build.seconds"
  static let lag = "builder.lag.records"
  static let deadLetters = "builder.deadletters"

  static let deployment = "deployment.id"
  static let function = "function"
  static let version = "function.version"
  static let reason = "reason"
  static let position = "kafka.position"
  static let runtimes = "runtimes"
}
