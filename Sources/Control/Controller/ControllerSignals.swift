/// Names of the controller's metrics and log fields.
enum ControllerSignals {
  static let publishedChanges = "controller.published.changes"
  static let commitSeconds = "controller.commit.seconds"
  static let requests = "controller.requests"
  static let waitingChanges = "controller.waiting.changes"
  static let appliedIndex = "controller.applied.index"

  static let index = "catalogue.index"
  static let reason = "reason"
  static let address = "address"
}
