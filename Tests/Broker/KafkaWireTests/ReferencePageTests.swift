import FoundationEssentials
import KafkaWire
import SimulationKit
import Testing

/// docs/reference/broker.md tells users of the APIs that are offered, all of them and no others.
@Suite struct ReferencePageTests {
  @Test func pageHasTheAdvertisedTable() throws {
    let bytes = try #require(
      FileManager.default.contents(atPath: "\(ProjectFolder.path)/docs/reference/broker.md"))
    let rows = String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line -> String? in
      let cells = line.split(separator: "|").map { $0.filter { $0 != " " } }
      guard cells.count == 3, Int(cells[0]) != nil else { return nil }
      return "\(cells[0]) \(cells[2])"
    }
    let offered = APITable.advertised.map { entry in
      let (first, last) = (entry.versions.lowerBound, entry.versions.upperBound)
      return "\(entry.key.rawValue) \(first == last ? "\(first)" : "\(first)–\(last)")"
    }
    #expect(rows == offered)
  }
}
