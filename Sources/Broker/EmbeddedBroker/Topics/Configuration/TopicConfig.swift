/// One setting that a topic may have.
package struct TopicConfig: Sendable {
  /// What a setting does here.
  package enum Effect: Sendable {
    /// What its documentation says.
    case honoured
    /// It is kept and shown, and changes nothing: what it governs is not there on one machine.
    case stored
  }

  /// Its name.
  package let name: String
  /// Its type.
  package let type: ConfigType
  /// What holds where nothing was set.
  package let defaultValue: String
  /// The broker's config that a topic without this one follows; nil where there is none.
  package let brokerName: String?
  /// Whether the broker's config has the default, and not nothing, where it was not set.
  package let showsBrokerDefault: Bool
  /// What it may be.
  package let rule: ConfigRule
  /// Whether it does something.
  package let effect: Effect
  /// Whether only those who know of it see it.
  package let isInternal: Bool
  /// What it is, for people.
  package let documentation: String

  init(
    _ name: String, _ type: ConfigType, _ defaultValue: String, broker: String? = nil, showsBrokerDefault: Bool = true,
    rule: ConfigRule = .any, effect: Effect = .stored, isInternal: Bool = false, says documentation: String
  ) {
    self.name = name
    self.type = type
    self.defaultValue = defaultValue
    brokerName = broker
    self.showsBrokerDefault = showsBrokerDefault
    self.rule = rule
    self.effect = effect
    self.isInternal = isInternal
    self.documentation = documentation
  }

  /// The value in the form in which it is kept.
  package func normalized(_ value: String) throws(ConfigRefusal) -> String {
    guard value.utf8.count <= TopicLimits.configValueBytes else {
      throw ConfigRefusal(
        message: "Invalid value for configuration \(name): longer than \(TopicLimits.configValueBytes) bytes")
    }
    return try ConfigValue.normalized(value, type, rule, name: name)
  }

  /// The setting of that name.
  package static func named(_ name: String) -> TopicConfig? { byName[name] }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
