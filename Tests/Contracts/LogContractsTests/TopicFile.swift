import LogContracts
import YAML

/// What `topics/<name>.yaml` says.
struct TopicFile {
  struct Header {
    let name: String
    let isRequired: Bool
    let requiredWith: String?
    let pattern: String?
    let constant: String?
    let choices: [String]?
    let example: String
  }

  let declaration: TopicDeclaration
  let yaml: YAMLValue
  let headers: [Header]

  init(_ declaration: TopicDeclaration) throws {
    self.declaration = declaration
    yaml = try Repository.yaml("topics/\(declaration.name.dropFirst("millrace.".count)).yaml")
    headers = (yaml["headers"]?.elements ?? []).map { header in
      Header(
        name: header["name"]?.text ?? "", isRequired: header["required"]?.boolean ?? false,
        requiredWith: header["requiredWith"]?.text, pattern: header["pattern"]?.text, constant: header["const"]?.scalar,
        choices: header["enum"]?.elements?.compactMap(\.scalar), example: header["example"]?.scalar ?? "")
    }
  }

  /// The declaration of a header; that of `original-*` for those of a dead letter's original.
  func header(_ name: String) -> Header? {
    headers.first { $0.name == name } ?? (name.hasPrefix("original-") ? headers.first { $0.name == "original-*" } : nil)
  }
}

extension TopicFile.Header {
  /// Whether a value is of the declared form.
  func accepts(_ value: String) throws -> Bool {
    if let constant { return value == constant }
    if let choices { return choices.contains(value) }
    guard let pattern else { return true }
    return try Regex(pattern).firstMatch(in: value) != nil
  }
}
