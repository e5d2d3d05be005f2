import MillraceDomain
import SimulationKit
import Testing

/// Goal: times are written and read as RFC 3339 has them.
@Suite struct WireTimeTests {
  @Test(
    "Known times",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
      (1_795_572_167_123, "2026-11-25T02:02:47.123Z"), (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
    ])
  func known(_ milliseconds: Int64, _ text: String) {
    #expect(WireTime.text(Timestamp(milliseconds: milliseconds)) == text)
    #expect(WireTime.time(text)?.milliseconds == milliseconds)
  }

  @Test("What is written is read back as it was")
  func roundTrip() throws {
    try SeededProperty.holds(forSeeds: 2000) { generator in
      let time = Timestamp(milliseconds: Int64.random(in: -62_135_596_800_000...253_402_300_799_999, using: &generator))
      try SeededProperty.claim(WireTime.time(WireTime.text(time)) == time, "\(time) is \(WireTime.text(time))")
    }
  }

  @Test("Offsets and fractions are understood")
  func forms() {
    #expect(WireTime.time("1970-01-01T01:30:00+01:30")?.milliseconds == 0)
    #expect(WireTime.time("1969-12-31t23:00:00.5-01:00")?.milliseconds == 500)
    #expect(WireTime.time("1970-01-01T00:00:00.123456789z")?.milliseconds == 123)
  }

  @Test(
    "Other texts are no times",
    arguments: [
      "", "2026-11-25", "2026-11-25T02:02:47", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-25 02:02:47Z",
      "2026-11-25T24:00:00Z", "2026-11-25T02:02:47.Z", "2026-11-25T02:02:47+0100", "yesterday at some time o",
    ])
  func refused(_ text: String) { #expect(WireTime.time(text) == nil) }
}
