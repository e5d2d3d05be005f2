/// Names in log lines of this module.
enum LifecycleSignals {
  static let service = "service.name"
  static let signal = "signal.number"
  static let reason = "reason"
}
