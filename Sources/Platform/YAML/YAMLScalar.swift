/// The types of plain scalars: the core schema of YAML 1.2 (section 10.3.2). `no`, `on` and `NO` are text.
enum YAMLScalar {
  static func content(of plain: String) -> YAMLValue.Content {
    switch plain {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .boolean(true)
    case "false", "False", "FALSE": return .boolean(false)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .number(.infinity)
    case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
    case ".nan", ".NaN", ".NAN": return .number(.nan)
    default: break
    }
    if let integer = integer(plain) { return .integer(integer) }
    if let number = number(plain) { return .number(number) }
    return .text(plain)
  }

  /// Decimal with a sign, `0o` and `0x` without; nil for anything else and for what 64 bits do not hold.
  private static func integer(_ text: String) -> Int64? {
    if text.hasPrefix("0o") { return unsigned(text.dropFirst(2), radix: 8) }
    if text.hasPrefix("0x") { return unsigned(text.dropFirst(2), radix: 16) }
    let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : Substring(text)
    guard !digits.isEmpty, digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
    return Int64(text)
  }

  private static func unsigned(_ digits: Substring, radix: Int) -> Int64? {
    guard let first = digits.first, first != "-", first != "+" else { return nil }
    return Int64(digits, radix: radix)
  }

  /// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
  private static func number(_ text: String) -> Double? {
    var rest = Substring(text)
    if rest.first == "-" || rest.first == "+" { rest.removeFirst() }
    let whole = takeDigits(&rest)
    var fraction = 0
    if rest.first == "." {
      rest.removeFirst()
      fraction = takeDigits(&rest)
    }
    guard whole + fraction > 0 else { return nil }
    if rest.first == "e" || rest.first == "E" {
      rest.removeFirst()
      if rest.first == "-" || rest.first == "+" { rest.removeFirst() }
      guard takeDigits(&rest) > 0 else { return nil }
    }
    return rest.isEmpty ? Double(text) : nil
  }

  private static func takeDigits(_ rest: inout Substring) -> Int {
    let count = rest.utf8.prefix { 0x30...0x39 ~= $0 }.count
    rest.removeFirst(count)
    return count
  }
}
