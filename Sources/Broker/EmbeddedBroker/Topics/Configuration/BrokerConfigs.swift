/// Where a config's value comes from, by the numbers on the wire.
package enum ConfigSource: Int8, Sendable {
  /// Set for the topic.
  case topic = 1
  /// Set for this broker while it ran.
  case broker = 2
  /// Set for every broker while this one ran.
  case everyBroker = 3
  /// Given to the broker at its start.
  case start = 4
  /// Nobody set it.
  case standard = 5
}

/// One place that a config's value could come from.
package struct ConfigSynonym: Equatable, Sendable {
  /// The name there.
  package let name: String
  /// The value there.
  package let value: String
  /// Which place.
  package let source: ConfigSource
}

/// A config with the value that holds.
package struct ResolvedConfig: Equatable, Sendable {
  /// The value; nil where there is none.
  package let value: String?
  /// Where it comes from.
  package let source: ConfigSource
  /// The places in the order in which they count: the first one's value holds.
  package let synonyms: [ConfigSynonym]
}

/// What was set for the broker, and what follows for each of its topics. Pure.
package struct BrokerConfigs: Equatable, Sendable {
  /// What the broker was started with.
  package var start: [String: String]
  /// What was set for this broker.
  package var broker: [String: String]
  /// What was set for every broker.
  package var everyBroker: [String: String]

  /// The configs of a broker.
  package init(start: [String: String] = [:], broker: [String: String] = [:], everyBroker: [String: String] = [:]) {
    self.start = start
    self.broker = broker
    self.everyBroker = everyBroker
  }

  /// A config of the broker.
  package func resolved(_ config: BrokerConfig) -> ResolvedConfig {
    let synonyms = places(named: config.name, standard: config.defaultValue)
    return ResolvedConfig(
      value: synonyms.first?.value, source: synonyms.first?.source ?? .standard, synonyms: synonyms)
  }

  /// A config of a topic for which those were set.
  package func resolved(_ config: TopicConfig, topic: [String: String]) -> ResolvedConfig {
    var synonyms: [ConfigSynonym] = []
    if let value = topic[config.name] {
      synonyms.append(ConfigSynonym(name: config.name, value: value, source: .topic))
    }
    if let name = config.brokerName {
      synonyms += places(named: name, standard: config.showsBrokerDefault ? config.defaultValue : nil)
    }
    return ResolvedConfig(
      value: synonyms.first?.value ?? config.defaultValue, source: synonyms.first?.source ?? .standard,
      synonyms: synonyms)
  }

  private func places(named name: String, standard: String?) -> [ConfigSynonym] {
    let places: [(value: String?, source: ConfigSource)] = [
      (broker[name], .broker), (everyBroker[name], .everyBroker), (start[name], .start), (standard, .standard),
    ]
    return places.compactMap { place in
      place.value.map { ConfigSynonym(name: name, value: $0, source: place.source) }
    }
  }
}
