internal import MillraceDomain
internal import Settings
internal import YAML

/// Reads `millrace.yaml`.
enum FunctionFile {
  /// The keys there are.
  static let keys = [
    "name", "handler", "runtime", "memory", "timeout", "environment", "concurrency", "storage", "description",
  ]

  /// The function's name and configuration.
  ///
  /// - Throws: ``CommandFailure`` that names the file and the line.
  static func read(
    _ text: String, _ file: String
  ) throws(CommandFailure) -> (FunctionName, FunctionConfiguration) {
    let document: YAMLValue
    do throws(YAMLError) {
      document = try YAMLReader.read(text)
    } catch {
      throw CommandFailure(.refused, "\(file), \(error)")
    }
    guard let entries = document.entries else { throw CommandFailure(.refused, "\(file) holds no keys") }
    for entry in entries where !keys.contains(entry.key) {
      let hint = NearestName.hint(for: entry.key, in: keys)
      throw CommandFailure(.refused, "\(file), line \(entry.line): there is no key \(entry.key)\(hint)")
    }
    do throws(DomainError) {
      return try read(Reader(document: document, file: file))
    } catch {
      throw CommandFailure(.refused, "\(file): \(error.message)")
    }
  }

  private static func read(_ reader: Reader) throws(DomainError) -> (FunctionName, FunctionConfiguration) {
    var configuration = FunctionConfiguration(
      handler: try HandlerName(try reader.text("handler") ?? ""),
      runtime: try RuntimeName(try reader.text("runtime") ?? ""))
    if let memory = try reader.mebibytes("memory") { configuration.memoryMebibytes = memory }
    if let storage = try reader.mebibytes("storage") { configuration.temporaryStorageMebibytes = storage }
    if let timeout = try reader.seconds("timeout") { configuration.timeoutSeconds = timeout }
    if let concurrency = try reader.number("concurrency") { configuration.concurrency = concurrency }
    if let description = try reader.text("description") { configuration.description = description }
    configuration.environment = try reader.environment()
    try configuration.validate()
    return (try FunctionName(try reader.text("name") ?? ""), configuration)
  }

  /// Takes values from the document; what does not fit is told with its line.
  private struct Reader {
    let document: YAMLValue
    let file: String

    private func refusal(_ key: String, _ value: YAMLValue, _ wanted: String) -> DomainError {
      DomainError(.badConfiguration, "line \(value.line): \(key) takes \(wanted)")
    }

    func text(_ key: String) throws(DomainError) -> String? {
      guard let value = document[key], !value.isNull else { return nil }
      guard let text = value.scalar else { throw refusal(key, value, "text") }
      return text
    }

    func number(_ key: String) throws(DomainError) -> Int32? {
      guard let value = document[key], !value.isNull else { return nil }
      guard let number = value.integer.flatMap({ Int32(exactly: $0) }) else {
        throw refusal(key, value, "a whole number")
      }
      return number
    }

    /// A number of MiB, or a size with its unit.
    func mebibytes(_ key: String) throws(DomainError) -> Int32? {
      guard let value = document[key], !value.isNull else { return nil }
      if let number = value.integer.flatMap({ Int32(exactly: $0) }) { return number }
      guard let bytes = value.text.flatMap({ SettingValues.bytes($0) }), bytes % (1 << 20) == 0,
        let number = Int32(exactly: bytes >> 20)
      else { throw refusal(key, value, "a number of MiB, or a size such as 256MiB") }
      return number
    }

    /// A number of seconds, or a time with its unit.
    func seconds(_ key: String) throws(DomainError) -> Int32? {
      guard let value = document[key], !value.isNull else { return nil }
      if let number = value.integer.flatMap({ Int32(exactly: $0) }) { return number }
      guard let duration = value.text.flatMap({ SettingValues.duration($0) }), duration.components.attoseconds == 0,
        let number = Int32(exactly: duration.components.seconds)
      else { throw refusal(key, value, "a number of seconds, or a time such as 30s or 5m") }
      return number
    }

    func environment() throws(DomainError) -> [String: String] {
      guard let value = document["environment"], !value.isNull else { return [:] }
      guard let entries = value.entries else { throw refusal("environment", value, "names and values") }
      var environment: [String: String] = [:]
      for entry in entries {
        guard let text = entry.value.scalar else { throw refusal("environment.\(entry.key)", entry.value, "text") }
        environment[entry.key] = text
      }
      return environment
    }
  }
}
