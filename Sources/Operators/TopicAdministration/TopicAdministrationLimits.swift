/// Bounds of the administration of topics.
enum TopicAdministrationLimits {
  /// How often it is looked whether new partitions have leaders, before that is left to their users.
  static let leaderChecks = 50
  /// How long it waits between two looks.
  static let leaderCheckInterval = Duration.milliseconds(100)
}
