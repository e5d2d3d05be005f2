/// Names of the view's metrics and log fields.
enum CatalogueViewSignals {
  static let appliedIndex = "catalogue.view.applied.index"
  static let refusedRecords = "catalogue.view.refused.records"

  static let index = "catalogue.index"
  static let position = "kafka.position"
  static let reason = "reason"
}
