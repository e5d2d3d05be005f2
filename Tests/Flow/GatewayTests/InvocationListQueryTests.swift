import MillraceDomain
import Postgres
import SimulationKit
import Testing

@testable import Gateway

/// Goal: a list is narrowed to exactly what was asked, and a wrong parameter is named.
@Suite struct InvocationListQueryTests {
  @Test(
    "Wrong parameters are refused by name",
    arguments: [
      ("function", "a b"), ("status", "gone"), ("since", "yesterday"), ("cursor", "abc"), ("limit", "0"),
      ("limit", "501"),
      ("limit", "x"),
    ])
  func refused(_ name: String, _ value: String) {
    let error = #expect(throws: GatewayError.self) { _ = try InvocationListQuery.filter { $0 == name ? value : nil } }
    #expect(error?.code == .invalidQuery)
    #expect(error?.detail.hasPrefix(name) == true)
  }

  @Test("Nothing asked: one page of everything")
  func nothing() throws {
    let filter = try InvocationListQuery.filter { _ in nil }
    #expect(filter.function == nil && filter.status == nil && filter.first == nil && filter.below == nil)
    #expect(filter.count == GatewayLimits.pageSize)
  }

  @Test("The first id of a time is below every id made then, and above every id made before")
  func since() throws {
    try SeededProperty.holds { generator in
      let time = Int64.random(in: 1...4_000_000_000_000, using: &generator)
      let first = UUIDv7.lowest(atMilliseconds: time).postgres
      let same = InvocationID(at: Timestamp(milliseconds: time), using: &generator).uuid
      let before = InvocationID(at: Timestamp(milliseconds: time - 1), using: &generator).uuid
      try SeededProperty.claim((first.high, first.low) <= (same.high, same.low), "\(time): \(same)")
      try SeededProperty.claim((before.high, before.low) < (first.high, first.low), "\(time): \(before)")
    }
  }
}
