/// Where a value comes from, the strongest first.
package enum SettingSource: Sendable, Equatable, CustomStringConvertible {
  /// A flag of the command line.
  case flag(String)
  /// A variable of the environment.
  case environment(String)
  /// The YAML file, at a line.
  case file(line: Int)
  /// The declaration.
  case standard

  package var description: String {
    switch self {
    case .flag(let name): "--\(name)"
    case .environment(let name): name
    case .file(let line): "the settings file, line \(line)"
    case .standard: "the default"
    }
  }
}

/// Settings whose values are known and fit their kinds.
package struct ResolvedSettings: Sendable {
  struct Value: Sendable {
    let text: String
    let source: SettingSource
  }

  let table: SettingsTable
  let values: [String: Value]

  /// Where the value of a declared setting comes from; nil where it has none.
  package func source(_ key: String) -> SettingSource? { value(key)?.source }

  /// The value as written; nil where the setting has none. Asking for a setting that is not declared is a bug.
  package func text(_ key: String) -> String? { value(key)?.text }

  /// The value as written, of a setting that must have one.
  ///
  /// - Throws: ``SettingsError`` with `missing`, naming flag and variable.
  package func required(_ key: String) throws(SettingsError) -> String {
    guard let text = text(key) else {
      let setting = table.declared(key)
      let flag = setting.aliases.first ?? setting.flag
      throw SettingsError(.missing, "\(key) has no value: say --\(flag) or set \(setting.variable)")
    }
    return text
  }

  /// A whole number. Asking for a setting of another kind, or one without a value or default, is a bug; so below.
  package func integer(_ key: String) -> Int { typed(key) { Int($0) } }
  /// A time.
  package func duration(_ key: String) -> Duration { typed(key) { SettingValues.duration($0) } }
  /// A size in bytes.
  package func bytes(_ key: String) -> Int { typed(key) { SettingValues.bytes($0) } }
  /// Words; none where the setting has no value.
  package func list(_ key: String) -> [String] { text(key).map { SettingValues.list($0) } ?? [] }
  /// Host and port; nil where the setting has no value.
  package func address(_ key: String) -> HostAndPort? { text(key).flatMap { HostAndPort($0) } }
  /// Whether it is `true`.
  package func toggle(_ key: String) -> Bool { text(key) == "true" }

  private func value(_ key: String) -> Value? {
    _ = table.declared(key)
    return values[key]
  }

  private func typed<Kind>(_ key: String, _ read: (String) -> Kind?) -> Kind {
    guard let text = text(key), let value = read(text) else { preconditionFailure("\(key) has no value of that kind") }
    return value
  }
}
