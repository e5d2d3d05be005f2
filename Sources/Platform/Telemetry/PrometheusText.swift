/// Writes the text exposition format of Prometheus, version 0.0.4.
struct PrometheusText {
  private(set) var text = ""

  /// The name with what Prometheus does not allow replaced by underscores.
  static func name(_ name: String) -> String {
    String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
  }

  /// The labels between braces, without the braces.
  static func labels(_ labels: [(String, String)]) -> String {
    labels.map { "\(name($0.0))=\"\(escaped($0.1))\"" }.joined(separator: ",")
  }

  private static func escaped(_ value: String) -> String {
    var result = ""
    for character in value {
      switch character {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n", "\r\n": result += "\\n"
      default: result.append(character)
      }
    }
    return result
  }

  mutating func append(_ name: String, _ family: MetricsRegistry.Family) {
    let help = family.help.map { $0 == "\n" ? " " : $0 == "\\" ? "\\\\" : String($0) }.joined()
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(family.kind)\n"
    for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
      switch series {
      case .counter(let counter): line(name, labels, "\(counter.value)")
      case .gauge(let gauge): line(name, labels, PrometheusText.number(gauge.value))
      case .histogram(let histogram): append(name, labels, histogram)
      }
    }
  }

  private mutating func append(_ name: String, _ labels: String, _ histogram: Histogram) {
    let snapshot = histogram.snapshot()
    let separator = labels.isEmpty ? "" : ","
    var cumulative = snapshot.buckets[0]
    for exponent in histogram.range.lowestExponent...histogram.range.highestExponent {
      if exponent > histogram.range.lowestExponent {
        let first = 1 + (exponent - 1 - histogram.range.lowestExponent) * Histogram.partsPerPower
        cumulative += snapshot.buckets[first..<first + Histogram.partsPerPower].reduce(0, +)
      }
      let bound = PrometheusText.number(Double(sign: .plus, exponent: exponent, significand: 1))
      line("\(name)_bucket", "\(labels)\(separator)le=\"\(bound)\"", "\(cumulative)")
    }
    line("\(name)_bucket", "\(labels)\(separator)le=\"+Inf\"", "\(snapshot.count)")
    line("\(name)_sum", labels, PrometheusText.number(snapshot.sum))
    line("\(name)_count", labels, "\(snapshot.count)")
  }

  private mutating func line(_ name: String, _ labels: String, _ value: String) {
    text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    if let whole = Int64(exactly: value), abs(whole) < 1 << 53 { return "\(whole)" }
    return "\(value)"
  }
}
