package import YAML

/// All settings of a program, in the order of the reference page.
package struct SettingsTable: Sendable {
  /// The declarations.
  package let settings: [Setting]
  private let byKey: [String: Setting]

  /// A table. Two settings of one key, flag or variable are a bug, and so is a default that does not fit.
  package init(_ settings: [Setting]) {
    self.settings = settings
    byKey = Dictionary(uniqueKeysWithValues: settings.map { ($0.key, $0) })
    let flags = settings.flatMap { [$0.flag] + $0.aliases }
    precondition(Set(flags).count == flags.count, "two settings share a flag")
    for setting in settings {
      guard let standard = setting.standard else { continue }
      precondition(
        SettingValues.complaint(about: standard, as: setting.kind) == nil, "the default of \(setting.key) does not fit")
    }
  }

  /// The declaration of a key; asking for another key is a bug.
  package func declared(_ key: String) -> Setting {
    guard let setting = byKey[key] else { preconditionFailure("\(key) is not a declared setting") }
    return setting
  }

  /// The setting that a flag (without dashes) or one of its aliases means; nil where there is none.
  package func setting(flag: String) -> Setting? {
    settings.first { $0.flag == flag || $0.aliases.contains(flag) }
  }

  /// Takes each value from the strongest place that has one: flag, environment, file, default.
  ///
  /// Variables that begin with `MILLRACE_` but name no setting are refused where they are nearly one's name, and belong to
  /// someone else otherwise.
  /// - Parameters:
  ///   - flags: names without dashes and values, the later stronger.
  ///   - environment: the variables of the process.
  ///   - file: the document of the settings file, if there is one.
  /// - Throws: ``SettingsError`` for the first key that is not known or value that does not fit.
  package func resolve(
    flags: [(name: String, value: String)], environment: [String: String], file: YAMLValue?
  ) throws(SettingsError) -> ResolvedSettings {
    var values: [String: ResolvedSettings.Value] = [:]
    for setting in settings {
      if let standard = setting.standard { values[setting.key] = .init(text: standard, source: .standard) }
    }
    if let file { try take(file, path: "", into: &values) }
    try take(environment, into: &values)
    for (name, value) in flags {
      guard let setting = setting(flag: name) else {
        let hint = NearestName.hint(for: name, in: settings.flatMap { [$0.flag] + $0.aliases })
        throw SettingsError(.unknownKey, "there is no flag --\(name)\(hint)")
      }
      values[setting.key] = try checked(setting, value, .flag(name))
    }
    return ResolvedSettings(table: self, values: values)
  }

  private func take(
    _ environment: [String: String], into values: inout [String: ResolvedSettings.Value]
  ) throws(SettingsError) {
    let known = Dictionary(uniqueKeysWithValues: settings.map { ($0.variable, $0) })
    for (name, value) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("MILLRACE_") {
      if let setting = known[name] {
        values[setting.key] = try checked(setting, value, .environment(name))
      } else if let near = known.keys.sorted().first(where: { NearestName.distance($0, name) <= 2 }) {
        throw SettingsError(.unknownKey, "there is no setting for the variable \(name); did you mean \(near)?")
      }
    }
  }

  private func take(
    _ value: YAMLValue, path: String, into values: inout [String: ResolvedSettings.Value]
  ) throws(SettingsError) {
    if let entries = value.entries, byKey[path] == nil {
      for entry in entries {
        try take(entry.value, path: path.isEmpty ? entry.key : "\(path).\(entry.key)", into: &values)
      }
      return
    }
    if value.isNull { return }
    guard let setting = byKey[path] else {
      let hint = NearestName.hint(for: path, in: settings.map(\.key))
      let what = path.isEmpty ? "the settings file holds no mapping" : "there is no setting \(path)\(hint)"
      throw SettingsError(.unknownKey, "line \(value.line), column \(value.column): \(what)")
    }
    values[path] = try checked(setting, try written(value, setting), .file(line: value.line))
  }

  private func written(_ value: YAMLValue, _ setting: Setting) throws(SettingsError) -> String {
    if let scalar = value.scalar { return scalar }
    if setting.kind == .list, let elements = value.elements {
      let words = elements.compactMap(\.scalar)
      if words.count == elements.count { return words.joined(separator: ",") }
    }
    throw SettingsError(
      .badValue, "line \(value.line), column \(value.column): \(setting.key) takes a \(setting.placeholder)")
  }

  private func checked(
    _ setting: Setting, _ text: String, _ source: SettingSource
  ) throws(SettingsError) -> ResolvedSettings.Value {
    if let complaint = SettingValues.complaint(about: text, as: setting.kind) {
      throw SettingsError(.badValue, "\(source): \(setting.key) cannot be \"\(text)\": \(complaint)")
    }
    return ResolvedSettings.Value(text: text, source: source)
  }
}
