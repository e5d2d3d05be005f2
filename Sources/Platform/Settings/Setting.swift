/// One setting, declared once: the table of them drives flags, environment, YAML, help and the reference page.
package struct Setting: Sendable, Equatable {
  /// How a value is written and what it may be.
  package enum Kind: Sendable, Equatable {
    /// Any text.
    case text
    /// A whole number within bounds.
    case integer(ClosedRange<Int>)
    /// A time: `250ms`, `10s`, `5m`, `1h30m`, `2d`.
    case duration
    /// A size: `512`, `64KiB`, `1MiB`, `2GiB`, `5MB`.
    case bytes
    /// Words between commas, or a YAML sequence.
    case list
    /// `HOST:PORT`; an IPv6 host stands in brackets.
    case address
    /// One of some words.
    case choice([String])
    /// `true` or `false`.
    case toggle
  }

  /// The name, lowercase with dots: `gateway.listen`. It is the path in YAML.
  package let key: String
  /// How a value is written.
  package let kind: Kind
  /// The value where nothing else is said, as written; nil where the setting then has none.
  package let standard: String?
  /// One sentence without a full stop.
  package let summary: String
  /// Further flags that mean the same, without dashes: `kafka`.
  package let aliases: [String]

  /// Declares a setting.
  package init(_ key: String, _ kind: Kind, default standard: String? = nil, _ summary: String, aliases: [String] = [])
  {
    self.key = key
    self.kind = kind
    self.standard = standard
    self.summary = summary
    self.aliases = aliases
  }

  /// The flag without dashes: `gateway-listen`.
  package var flag: String { String(key.map { $0 == "." ? "-" : $0 }) }
  /// The variable of the environment: `MILLRACE_GATEWAY_LISTEN`.
  package var variable: String {
    "MILLRACE_" + String(key.map { $0 == "." || $0 == "-" ? "_" : $0 }).uppercased()
  }

  /// What a value looks like, for help.
  package var placeholder: String {
    switch kind {
    case .text: "TEXT"
    case .integer: "NUMBER"
    case .duration: "DURATION"
    case .bytes: "SIZE"
    case .list: "A,B"
    case .address: "HOST:PORT"
    case .choice(let words): words.joined(separator: "|")
    case .toggle: "true|false"
    }
  }
}
