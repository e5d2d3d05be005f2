import FoundationEssentials
import SimulationKit

/// A row of the table of deviations in `docs/reference/broker.md`: a probe that the broker answers otherwise than Apache
/// Kafka, and why.
struct Deviation: Equatable, Sendable {
  let probe: String
  let ours: String
  let theirs: String
  let reason: String

  static let heading = "## Where it answers otherwise than Apache Kafka"

  /// The rows of the project's own page.
  static func listed() throws -> [Deviation] {
    let path = "\(ProjectFolder.path)/docs/reference/broker.md"
    guard let bytes = FileManager.default.contents(atPath: path) else { throw ClientFailure("no page \(path)") }
    return try rows(of: String(decoding: bytes, as: UTF8.self))
  }

  /// The rows of a page: probe, Millrace's answer and Apache Kafka's, each in backquotes, and the reason.
  static func rows(of page: String) throws -> [Deviation] {
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(of: heading[...]) else { throw ClientFailure("no heading '\(heading)'") }
    let section = lines[(start + 1)...].prefix { !$0.hasPrefix("## ") }
    return try section.filter { $0.hasPrefix("| `") }.map(row)
  }

  private static func row(_ line: Substring) throws -> Deviation {
    let cells = line.split(separator: "|").map {
      String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
    guard cells.count == 4 else { throw ClientFailure("not a row of four cells: \(line)") }
    let words = try cells[..<3].map { cell in
      guard cell.count > 2, cell.hasPrefix("`"), cell.hasSuffix("`") else {
        throw ClientFailure("not in backquotes: \(cell)")
      }
      return String(cell.dropFirst().dropLast())
    }
    return Deviation(probe: words[0], ours: words[1], theirs: words[2], reason: cells[3])
  }
}
