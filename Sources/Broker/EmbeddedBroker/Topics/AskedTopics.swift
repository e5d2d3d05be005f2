internal import EventLoop
package import KafkaWire
internal import Synchronization

/// Makes topics that clients ask for and that are not there, where the broker's settings allow it.
package final class AskedTopics: Sendable {
  private let controller: TopicController
  private let mayCreate: Bool
  /// Those that are being made: a client asks again and again until it gets them.
  private let pending = Mutex<Set<String>>([])

  /// Topics of the controller. Whether they are made is decided by `auto.create.topics.enable` of the broker's start.
  package init(_ controller: TopicController) {
    self.controller = controller
    let config = BrokerConfig.named("auto.create.topics.enable")
    let start = BrokerConfigs(start: controller.options.start)
    mayCreate = config.flatMap { start.resolved($0).value } == "true"
  }

  /// Has the topic made; what to answer meanwhile. From any thread.
  package func missing(_ name: String) -> ErrorCode {
    guard mayCreate else { return .unknownTopicOrPartition }
    let isNew = pending.withLock { pending in
      pending.count < TopicLimits.askedTopics && pending.insert(name).inserted
    }
    guard isNew else { return .unknownTopicOrPartition }
    // Ends with the controller's turn.
    controller.loop.spawn { [self] in
      await controller.createAsked(for: name)
      _ = pending.withLock { $0.remove(name) }
    }
    return .unknownTopicOrPartition
  }
}
