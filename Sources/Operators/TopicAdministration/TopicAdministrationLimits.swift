/// Bounds of the administration of topics.
enum TopicAdministrationLimits {
  /// How often it is looked whether brokers show what was done, before that is left to those who use the topics.
  static let visibilityChecks = 50
  /// How long it waits between two looks.
  static let visibilityCheckInterval = Duration.milliseconds(100)
}
