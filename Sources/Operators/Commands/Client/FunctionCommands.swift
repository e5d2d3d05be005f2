internal import CommandTable
internal import HTTPClient

/// `functions list|show|delete`.
extension ClientCommand {
  func listFunctions() async throws(CommandFailure) -> Int32 {
    let answer = try await gateway.send("GET", "/v1/functions")
    try print(answer) { value in
      var table = TextTable(["NAME", "VERSION", "RUNTIME", "HANDLER", "MEMORY", "TIMEOUT", "UPDATED"])
      for function in value["functions"]?.elements ?? [] { table.add(Self.row(function)) }
      return table
    }
    return 0
  }

  /// A function, or one of its versions.
  private static func row(_ function: JSONValue) -> [String] {
    let configuration = function["configuration"]
    return [
      (function["name"] ?? function["function"])?.shown ?? "",
      (function["latestVersion"] ?? function["version"])?.shown ?? "", configuration?["runtime"]?.shown ?? "",
      configuration?["handler"]?.shown ?? "", configuration?["memoryMebibytes"].map { "\($0.shown) MiB" } ?? "",
      configuration?["timeoutSeconds"].map { "\($0.shown) s" } ?? "",
      (function["updatedAt"] ?? function["publishedAt"])?.shownTime ?? "",
    ]
  }

  func showFunction() async throws(CommandFailure) -> Int32 {
    let path = "/v1/functions/\(PercentEncoding.encode(command.required("FUNCTION")))"
    let function = try await gateway.send("GET", path)
    guard form == .text else {
      console.print(bytes: function.body)
      return 0
    }
    for line in Self.fields(try function.json()) { console.print(line) }
    let versions = try await gateway.send("GET", path + "/versions")
    try print(versions) { value in
      var table = TextTable(["NAME", "VERSION", "RUNTIME", "HANDLER", "MEMORY", "TIMEOUT", "UPDATED"])
      for version in value["versions"]?.elements ?? [] { table.add(Self.row(version)) }
      return table
    }
    return 0
  }

  /// The scalars of an object, a line each; those of an object in it after its name.
  static func fields(_ value: JSONValue, prefix: String = "") -> [String] {
    guard case .object(let members) = value else { return [] }
    let configuration = members["configuration"]
    return members.sorted { $0.key < $1.key }.flatMap { key, member -> [String] in
      // What the configuration says is said there.
      if configuration?[key] != nil { return [] }
      if case .object = member { return fields(member, prefix: "\(prefix)\(key).") }
      let shown = key.hasSuffix("At") ? member.shownTime : member.shown
      return shown.isEmpty ? [] : ["\(prefix)\(key): \(shown)"]
    }
  }

  func deleteFunction() async throws(CommandFailure) -> Int32 {
    let name = command.required("FUNCTION")
    let answer = try await gateway.send("DELETE", "/v1/functions/\(PercentEncoding.encode(name))")
    switch form {
    case .json: console.print(bytes: answer.body.isEmpty ? Array(#"{"deleted":true}"#.utf8) : answer.body)
    case .text: console.note("deleted \(name)")
    }
    return 0
  }
}
