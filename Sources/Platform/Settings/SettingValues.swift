/// Where something listens or is reached.
package struct HostAndPort: Hashable, Sendable, CustomStringConvertible {
  /// A name or an address; IPv6 without brackets.
  package let host: String
  /// The port, 0 to let the system choose.
  package let port: UInt16

  /// From its parts.
  package init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// From `HOST:PORT` or `[IPv6]:PORT`; nil where it is neither.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
      text[text.index(after: colon)...].utf8.allSatisfy({ 0x30...0x39 ~= $0 })
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
    self.init(host: String(host), port: port)
  }

  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Reads the written forms of values.
package enum SettingValues {
  /// A time such as `250ms`, `1h30m`, `0s`; units ms, s, m, h, d, each at most once, from large to small; nil otherwise.
  package static func duration(_ text: String) -> Duration? {
    let units: [(name: String, milliseconds: Int64)] = [
      ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]
    var rest = Substring(text)
    var total: Int64 = 0
    var nextUnit = 0
    while !rest.isEmpty {
      guard let (number, unit) = takeNumberAndUnit(&rest),
        let index = units.firstIndex(where: { $0.name == unit }), index >= nextUnit
      else { return nil }
      nextUnit = index + 1
      let (scaled, overflowed) = number.multipliedReportingOverflow(by: units[index].milliseconds)
      let (sum, overflowedAgain) = total.addingReportingOverflow(scaled)
      guard !overflowed, !overflowedAgain else { return nil }
      total = sum
    }
    return nextUnit > 0 ? .milliseconds(total) : nil
  }

  /// A size in bytes such as `512`, `64KiB`, `5MB`; nil otherwise.
  package static func bytes(_ text: String) -> Int? {
    let units: [String: Int64] = [
      "": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
      "kB": 1000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
    ]
    var rest = Substring(text)
    guard let (number, unit) = takeNumberAndUnit(&rest), rest.isEmpty, let factor = units[unit] else { return nil }
    let (scaled, overflowed) = number.multipliedReportingOverflow(by: factor)
    return overflowed ? nil : Int(scaled)
  }

  /// The words between commas, without the blanks around them; empty ones are left out.
  package static func list(_ text: String) -> [String] {
    text.split(separator: ",").map { word in
      String(word.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }.filter { !$0.isEmpty }
  }

  private static func takeNumberAndUnit(_ rest: inout Substring) -> (number: Int64, unit: String)? {
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int64(digits) else { return nil }
    rest = rest.dropFirst(digits.count)
    let unit = rest.prefix { $0.isASCII && $0.isLetter }
    rest = rest.dropFirst(unit.count)
    return (number, String(unit))
  }

  /// What is wrong with a value of that kind; nil where nothing is.
  static func complaint(about text: String, as kind: Setting.Kind) -> String? {
    switch kind {
    case .text, .list: return nil
    case .integer(let range):
      guard let number = Int(text), range.contains(number) else {
        return "a whole number from \(range.lowerBound) to \(range.upperBound) is wanted"
      }
      return nil
    case .duration: return duration(text) == nil ? "a time such as 250ms, 10s or 1h30m is wanted" : nil
    case .bytes: return bytes(text) == nil ? "a size such as 512, 64KiB or 1MiB is wanted" : nil
    case .address: return HostAndPort(text) == nil ? "HOST:PORT is wanted" : nil
    case .choice(let words):
      return words.contains(text) ? nil : "one of \(words.joined(separator: ", ")) is wanted"
    case .toggle: return text == "true" || text == "false" ? nil : "true or false is wanted"
    }
  }
}
