/// A field's value with parameters after semicolons, as `Content-Type` and `Content-Disposition` have them. Pure.
struct HeaderParameters {
  /// What stands before the first semicolon, in lower case.
  let value: String
  private var parameters: [(name: String, value: String)] = []

  init(_ text: String) {
    var rest = text[...]
    value = Self.trimmed(rest.prefix { $0 != ";" }).lowercased()
    rest = rest.drop { $0 != ";" }
    while rest.first == ";" {
      rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
      let name = Self.trimmed(rest.prefix { $0 != "=" && $0 != ";" }).lowercased()
      rest = rest.drop { $0 != "=" && $0 != ";" }
      guard rest.first == "=" else { continue }
      rest = rest.dropFirst()
      let value = rest.first == "\"" ? Self.takeQuoted(&rest) : Self.takePlain(&rest)
      if !name.isEmpty, self[name] == nil { parameters.append((name, value)) }
      rest = rest.drop { $0 != ";" }
    }
  }

  /// The first parameter of that name, given in lower case.
  subscript(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

  private static func takePlain(_ rest: inout Substring) -> String {
    let value = rest.prefix { $0 != ";" }
    rest = rest.dropFirst(value.count)
    return trimmed(value)
  }

  /// A quoted string; a backslash takes the next character as it is.
  private static func takeQuoted(_ rest: inout Substring) -> String {
    var value = ""
    rest = rest.dropFirst()
    while let character = rest.first {
      rest = rest.dropFirst()
      if character == "\"" { break }
      guard character == "\\", let escaped = rest.first else {
        value.append(character)
        continue
      }
      value.append(escaped)
      rest = rest.dropFirst()
    }
    return value
  }

  static func trimmed(_ text: Substring) -> String {
    let start = text.drop { $0 == " " || $0 == "\t" }
    return String(String(start.reversed().drop { $0 == " " || $0 == "\t" }).reversed())
  }
}
