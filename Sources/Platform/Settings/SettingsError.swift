/// Why settings were refused. Nothing of it is worth a retry.
package struct SettingsError: Error, CustomStringConvertible, Equatable {
  /// What kind of refusal it was.
  package struct Code: Hashable, Sendable {
    let name: String
    /// There is no such setting.
    package static let unknownKey = Code(name: "unknownKey")
    /// The value does not fit the setting.
    package static let badValue = Code(name: "badValue")
    /// The file could not be read.
    package static let badFile = Code(name: "badFile")
    /// A setting that is needed has no value.
    package static let missing = Code(name: "missing")
  }

  /// What kind of refusal it was.
  package let code: Code
  /// What is wrong and where, in one sentence without a full stop.
  package let message: String

  package var description: String { message }

  /// A refusal.
  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}
