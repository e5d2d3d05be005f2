internal import KafkaWire
internal import PartitionLog

extension TopicController {
  /// How configs are to change.
  package enum ConfigChange: Sendable {
    /// One by one.
    case steps([ConfigAlteration.Step])
    /// Those hold, and no others.
    case replacement([TopicWish.Config])
  }

  /// Changes a topic's configs. When it returns, they are on the disk and its partitions follow them.
  package func alter(topic name: String, _ change: ConfigChange, _ mode: Mode) async throws(TopicRefusal) {
    try await beginChange()
    defer { endChange() }
    try TopicRules.checkName(name)
    guard var topic = topic(named: name) else {
      throw TopicRefusal(.unknownTopicOrPartition, "The topic '\(name)' does not exist.")
    }
    let configs =
      switch change {
      case .steps(let steps): try ConfigAlteration.topic(topic.configs, steps, broker: brokerConfigs)
      case .replacement(let configs): try ConfigAlteration.topic(replacedBy: configs, broker: brokerConfigs)
      }
    switch mode {
    case .validate: return
    case .make: break
    }
    guard configs != topic.configs else { return }
    try await record(.configs(.topic(topic.id), configs))
    topic.configs = configs
    follow(topic)
  }

  /// Changes the configs of this broker or of every one. Topics that do not set them follow.
  package func alter(
    broker resource: MetadataResource, _ change: ConfigChange, _ mode: Mode
  ) async throws(TopicRefusal) {
    try await beginChange()
    defer { endChange() }
    let current = resource == .broker ? image.brokerConfigs : image.everyBrokerConfigs
    let configs =
      switch change {
      case .steps(let steps): try ConfigAlteration.broker(current, steps)
      case .replacement(let configs): try ConfigAlteration.broker(replacedBy: configs)
      }
    switch mode {
    case .validate: return
    case .make: break
    }
    guard configs != current else { return }
    try await record(.configs(resource, configs))
    for topic in image.topics.values { follow(topic) }
  }

  /// The topic's partitions go by its configs from now on.
  private func follow(_ topic: MetadataTopic) {
    let options = logOptions(topic)
    for partition in table.snapshot.topic(topic.id)?.partitions ?? [] {
      partition.withLog { $0.options = options }
    }
  }
}
