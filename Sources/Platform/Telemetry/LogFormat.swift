internal import Glibc

/// How lines are written.
package enum LogFormat: Sendable {
  /// For people: time, level, label, message, `key=value`.
  case text
  /// For machines: one JSON object a line.
  case json
}

/// One line before it is formatted.
struct LogLine {
  let level: LogLevel
  let label: String
  let message: String
  let metadata: [(String, String)]

  /// The line in bytes, newline included: at most ``TelemetryLimits/logLineBytes``. Metadata that does not fit is left out.
  func bytes(_ format: LogFormat, unixMicroseconds: Int64) -> [UInt8] {
    switch format {
    case .text: textBytes(unixMicroseconds)
    case .json: jsonBytes(unixMicroseconds)
    }
  }

  private func textBytes(_ unixMicroseconds: Int64) -> [UInt8] {
    let padding = String(repeating: " ", count: max(0, 7 - level.name.count))
    let head = "\(LogTime.text(unixMicroseconds)) \(level.name)\(padding) \(label): \(message)"
    var line = Array(head.utf8.prefix(TelemetryLimits.logValueBytes))
    for (key, value) in metadata {
      let plain = value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x5c && $0 != 0x7f } && !value.isEmpty
      let field = " \(key)=\(plain ? LogLine.cut(value) : LogLine.quoted(value))"
      guard line.count + field.utf8.count < TelemetryLimits.logLineBytes else { break }
      line.append(contentsOf: field.utf8)
    }
    line.append(0x0a)
    return line
  }

  private func jsonBytes(_ unixMicroseconds: Int64) -> [UInt8] {
    var line: [UInt8] = []
    line.append(contentsOf: "{\"time\":\"\(LogTime.text(unixMicroseconds))\",\"level\":\"\(level.name)\"".utf8)
    line.append(contentsOf: ",\"logger\":\(LogLine.quoted(label)),\"message\":\(LogLine.quoted(message))".utf8)
    for (key, value) in metadata {
      let field = ",\(LogLine.quoted(key)):\(LogLine.quoted(value))"
      guard line.count + field.utf8.count + 2 <= TelemetryLimits.logLineBytes else { break }
      line.append(contentsOf: field.utf8)
    }
    line.append(contentsOf: "}\n".utf8)
    return line
  }

  private static func cut(_ value: String) -> String {
    guard value.utf8.count > TelemetryLimits.logValueBytes else { return value }
    return String(decoding: value.utf8.prefix(TelemetryLimits.logValueBytes), as: UTF8.self) + "…"
  }

  /// The value as a JSON string: control characters cannot break a line or a terminal.
  static func quoted(_ value: String) -> String {
    var result = "\""
    for scalar in cut(value).unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      default:
        if scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value) {
          let hex = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}

/// Times in log lines: RFC 3339 in UTC with microseconds.
package enum LogTime {
  /// Microseconds since 1970 UTC as text.
  package static func text(_ unixMicroseconds: Int64) -> String {
    var seconds = time_t(unixMicroseconds / 1_000_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func padded(_ number: some BinaryInteger, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let day = "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
    let time = "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
    return "\(day)T\(time).\(padded(unixMicroseconds % 1_000_000, 6))Z"
  }
}
