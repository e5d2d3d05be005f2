package import KafkaWire

/// What the topic controller needs of the rest of the broker.
package struct TopicHooks: Sendable {
  /// The topic is deleted and served no more: whatever else knows it by its name must forget it before another topic gets
  /// that name. Called on the controller's loop.
  package let deleted: @Sendable (_ name: String, _ id: WireUUID) async -> Void
  /// What is on the disk is not known: the process must end, and the next one looks.
  package let failed: @Sendable (String) -> Void
  /// Puts on the disk where the logs of the table's partitions start, and what else checkpoints say of them; of others
  /// nothing stays. Blocks; called on a thread of the pool.
  package let saveLogStarts: @Sendable () throws -> Void

  /// Whether there is room on the disk for more partitions.
  package let hasRoom: @Sendable () -> Bool

  /// Hooks from their parts.
  package init(
    deleted: @escaping @Sendable (_ name: String, _ id: WireUUID) async -> Void,
    failed: @escaping @Sendable (String) -> Void, saveLogStarts: @escaping @Sendable () throws -> Void,
    hasRoom: @escaping @Sendable () -> Bool = { true }
  ) {
    self.deleted = deleted
    self.failed = failed
    self.saveLogStarts = saveLogStarts
    self.hasRoom = hasRoom
  }
}
