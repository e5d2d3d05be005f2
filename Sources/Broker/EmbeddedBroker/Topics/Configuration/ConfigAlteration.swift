internal import KafkaWire

/// How a resource's configs are changed. Pure.
package enum ConfigAlteration {
  /// What to do with one config, by the numbers on the wire.
  package enum Operation: Int8, Sendable {
    case set = 0
    case delete = 1
    /// Add to a list what it does not have.
    case append = 2
    /// Take from a list what it has.
    case subtract = 3

    var label: String {
      switch self {
      case .set: "SET"
      case .delete: "DELETE"
      case .append: "APPEND"
      case .subtract: "SUBTRACT"
      }
    }
  }

  /// One change.
  package struct Step: Sendable {
    package let name: String
    package let operation: Operation
    package let value: String?

    /// A change from its parts.
    package init(name: String, operation: Operation, value: String?) {
      self.name = name
      self.operation = operation
      self.value = value
    }
  }

  /// A topic's configs after the steps, all of them or none. What a list is added to or taken from is what holds now.
  package static func topic(
    _ current: [String: String], _ steps: [Step], broker: BrokerConfigs
  ) throws(TopicRefusal) -> [String: String] {
    let altered = try altered(current, steps) { name throws(TopicRefusal) in
      guard let config = TopicConfig.named(name) else {
        throw TopicRefusal(.invalidConfig, "Unknown topic config name: \(name)")
      }
      return Target(
        type: config.type, value: broker.resolved(config, topic: current).value ?? "",
        normalize: { value throws(ConfigRefusal) in try config.normalized(value) })
    }
    try checkTogether(altered, broker: broker)
    return altered
  }

  /// A topic's configs where just those are to hold.
  package static func topic(
    replacedBy configs: [TopicWish.Config], broker: BrokerConfigs
  ) throws(TopicRefusal) -> [String: String] {
    try topic([:], steps(configs), broker: broker)
  }

  /// A broker's configs where just those are to hold.
  package static func broker(replacedBy configs: [TopicWish.Config]) throws(TopicRefusal) -> [String: String] {
    try broker([:], steps(configs))
  }

  /// Kafka takes the last of two.
  private static func steps(_ configs: [TopicWish.Config]) -> [Step] {
    let last = Dictionary(configs.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    return last.sorted { $0.key < $1.key }.map { Step(name: $0.key, operation: .set, value: $0.value) }
  }

  /// A broker's configs after the steps, all of them or none.
  package static func broker(_ current: [String: String], _ steps: [Step]) throws(TopicRefusal) -> [String: String] {
    let fixed = steps.map(\.name).filter { BrokerConfig.named($0)?.change == .atStart }
    guard fixed.isEmpty else {
      throw TopicRefusal(
        .invalidRequest, "Cannot update these configs dynamically: [\(fixed.joined(separator: ", "))]")
    }
    return try altered(current, steps) { name throws(TopicRefusal) in
      guard let config = BrokerConfig.named(name) else {
        throw TopicRefusal(.invalidConfig, "Unknown broker config name: \(name)")
      }
      return Target(
        type: config.type, value: current[name] ?? config.defaultValue ?? "",
        normalize: { value throws(ConfigRefusal) in try config.normalized(value) })
    }
  }

  private struct Target {
    let type: ConfigType
    let value: String
    let normalize: (String) throws(ConfigRefusal) -> String
  }

  private static func altered(
    _ current: [String: String], _ steps: [Step], target: (String) throws(TopicRefusal) -> Target
  ) throws(TopicRefusal) -> [String: String] {
    guard Set(steps.map(\.name)).count == steps.count else {
      throw TopicRefusal(.invalidRequest, "Error due to duplicate config keys")
    }
    let nulls = steps.filter { $0.operation != .delete && $0.value == nil }.map(\.name)
    guard nulls.isEmpty else {
      throw TopicRefusal(.invalidRequest, "Null value not supported for : \(nulls.joined(separator: ", "))")
    }
    var altered = current
    for step in steps {
      // Deleting what is not there succeeds, even where it could not be there.
      altered[step.name] = step.operation == .delete ? nil : try value(of: step, try target(step.name))
    }
    return altered
  }

  private static func value(of step: Step, _ target: Target) throws(TopicRefusal) -> String {
    let given = step.value ?? ""
    let raw: String
    switch step.operation {
    case .set, .delete: raw = given
    case .append, .subtract:
      guard target.type == .list else {
        throw TopicRefusal(
          .invalidConfig, "Can't \(step.operation.label) to key \(step.name) because its type is not LIST.")
      }
      let before = ConfigValue.elements(target.value)
      let elements = ConfigValue.elements(given)
      let after =
        step.operation == .append
        ? before + elements.filter { !before.contains($0) } : before.filter { !elements.contains($0) }
      raw = after.joined(separator: ",")
    }
    do throws(ConfigRefusal) { return try target.normalize(raw) } catch {
      throw TopicRefusal(.invalidConfig, error.message)
    }
  }

  /// What no single value is wrong with, and two together are.
  private static func checkTogether(_ configs: [String: String], broker: BrokerConfigs) throws(TopicRefusal) {
    func number(_ name: String) -> Int64? {
      TopicConfig.named(name).flatMap { broker.resolved($0, topic: configs).value }.flatMap { Int64($0) }
    }
    guard let least = number("min.compaction.lag.ms"), let most = number("max.compaction.lag.ms"), least > most else {
      return
    }
    throw TopicRefusal(
      .invalidConfig,
      "conflict topic config setting min.compaction.lag.ms (\(least)) > max.compaction.lag.ms (\(most))")
  }
}
