/// The types of configs, by their numbers on the wire.
package enum ConfigType: Int8, Sendable {
  case boolean = 1
  case string = 2
  case int = 3
  case short = 4
  case long = 5
  case double = 6
  case list = 7

  /// The type's name in refusals.
  var label: String {
    switch self {
    case .boolean: "BOOLEAN"
    case .string: "STRING"
    case .int: "INT"
    case .short: "SHORT"
    case .long: "LONG"
    case .double: "DOUBLE"
    case .list: "LIST"
    }
  }
}

/// What a config's value may be, besides being of its type.
package enum ConfigRule: Sendable {
  /// Anything.
  case any
  /// A number of at least that.
  case atLeast(Int64)
  /// A number from the one to the other.
  case between(Int64, Int64)
  /// A number from 1 to 9, or -1 for the codec's own choice.
  case gzipLevel
  /// A fraction from 0 to 1.
  case fraction
  /// One of those; of a list, each.
  case oneOf([String])
  /// `*`, or pairs of partition and broker.
  case replicas
  /// Nothing but false: what it would switch on is not there. The text says so.
  case onlyFalse(String)
}

/// Why a value cannot be a config's, in the words of Kafka's answers.
package struct ConfigRefusal: Error, Equatable, Sendable {
  /// The sentence.
  package let message: String
}

/// Reads and judges values of configs.
enum ConfigValue {
  /// The value in the one form in which it is kept and shown.
  static func normalized(_ text: String, _ type: ConfigType, _ rule: ConfigRule, name: String) throws(ConfigRefusal)
    -> String
  {
    let value = try parsed(trimmed(text), given: text, type, name: name)
    if let problem = problem(value, type, rule, name: name) {
      let shown = type == .list && !isOneOf(rule) ? "[\(value)]" : failing(value, rule)
      throw ConfigRefusal(message: "Invalid value \(shown) for configuration \(name): \(problem)")
    }
    if case .onlyFalse(let message) = rule, value != "false" { throw ConfigRefusal(message: message) }
    return value
  }

  private static func isOneOf(_ rule: ConfigRule) -> Bool {
    if case .oneOf = rule { true } else { false }
  }

  /// Of a list, the element that is refused.
  private static func failing(_ value: String, _ rule: ConfigRule) -> String {
    guard case .oneOf(let allowed) = rule else { return value }
    return value.split(separator: ",").map(String.init).first { !allowed.contains($0) } ?? value
  }

  private static func parsed(
    _ text: String, given: String, _ type: ConfigType, name: String
  ) throws(ConfigRefusal) -> String {
    func refuse(_ problem: String) -> ConfigRefusal {
      ConfigRefusal(message: "Invalid value \(given) for configuration \(name): \(problem)")
    }
    switch type {
    case .boolean:
      guard let value = Bool(text.lowercased()) else { throw refuse("Expected value to be either true or false") }
      return String(value)
    case .string: return text
    case .int:
      guard let value = Int32(text) else { throw refuse("Not a number of type INT") }
      return String(value)
    case .short:
      guard let value = Int16(text) else { throw refuse("Not a number of type SHORT") }
      return String(value)
    case .long:
      guard let value = Int64(text) else { throw refuse("Not a number of type LONG") }
      return String(value)
    case .double:
      guard let value = Double(text), value.isFinite else { throw refuse("Not a number of type DOUBLE") }
      return String(value)
    case .list: return elements(text).joined(separator: ",")
    }
  }

  /// The elements of a list's text.
  static func elements(_ text: String) -> [String] {
    trimmed(text).split(separator: ",", omittingEmptySubsequences: true).map { trimmed(String($0)) }
  }

  private static func problem(_ value: String, _ type: ConfigType, _ rule: ConfigRule, name: String) -> String? {
    switch rule {
    case .any, .onlyFalse: return nil
    case .atLeast(let least):
      guard let number = Int64(value), number < least else { return nil }
      return "Value must be at least \(least)"
    case .between(let least, let most):
      guard let number = Int64(value) else { return nil }
      if number < least { return "Value must be at least \(least)" }
      return number > most ? "Value must be no more than \(most)" : nil
    case .gzipLevel:
      guard let number = Int64(value), number != -1, !(1...9).contains(number) else { return nil }
      return "Value must be between 1 and 9 or equal to -1"
    case .fraction:
      guard let number = Double(value) else { return nil }
      if number < 0 { return "Value must be at least 0" }
      return number > 1 ? "Value must be no more than 1" : nil
    case .oneOf(let allowed):
      let given = type == .list ? elements(value) : [value]
      return given.allSatisfy(allowed.contains) ? nil : "String must be one of: \(allowed.joined(separator: ", "))"
    case .replicas:
      return isReplicas(value)
        ? nil
        : "\(name) must be the literal '*' or a list of replicas in the following format: "
          + "[partitionId]:[brokerId],[partitionId]:[brokerId],..."
    }
  }

  private static func isReplicas(_ value: String) -> Bool {
    if value == "*" { return true }
    return elements(value).allSatisfy { element in
      let parts = element.split(separator: ":", omittingEmptySubsequences: false)
      return parts.count == 2 && parts.allSatisfy { Int32($0) != nil }
    }
  }

  private static func trimmed(_ text: String) -> String {
    let isBlank: (Character) -> Bool = { $0.isWhitespace }
    let start = text.drop(while: isBlank)
    guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(start[...last])
  }
}
