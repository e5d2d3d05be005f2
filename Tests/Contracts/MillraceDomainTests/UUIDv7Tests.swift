import MillraceDomain
import SimulationKit
import Testing

/// UUIDs of version 7 order by time, and their text is theirs alone.
@Suite struct UUIDv7Tests {
  @Test("the example of RFC 9562, appendix A.6, has its time")
  func publishedExample() throws {
    let uuid = try #require(UUIDv7("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"))
    #expect(uuid.milliseconds == 1_645_557_742_000)
    #expect(uuid.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    #expect(uuid.bytes.prefix(4) == [0x01, 0x7f, 0x22, 0xe2])
    #expect(uuid.bytes.suffix(2) == [0x39, 0x8f])
  }

  @Test(
    "what is not the text of a UUID of version 7 is refused",
    arguments: [
      "", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
      "017f22e279b07cc398c4dc0c0c07398f", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398}",
      "017f22e2-79b0-4cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-18c4-dc0c0c07398f",
      "017f22e2-79b0-7cc3-c8c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
      "017f22e2+79b0-7cc3-98c4-dc0c0c07398f", "017f22e-279b0-7cc3-98c4-dc0c0c07398f",
      "017f22e2-79b0-7cc3-98c4-dc0c0c0739８", "00000000-0000-0000-0000-000000000000",
    ])
  func refused(text: String) {
    #expect(UUIDv7(text) == nil)
  }

  @Test(
    "times outside 48 bits are cut, never a crash",
    arguments: [(Int64.min, 0), (-1, 0), (0, 0), (1 << 48, 0)] as [(Int64, Int64)])
  func extremeTimes(time: Int64, kept: Int64) {
    var generator = SeededGenerator(seed: 1)
    #expect(UUIDv7(atMilliseconds: time, using: &generator).milliseconds == kept)
    #expect(UUIDv7(atMilliseconds: .max, using: &generator).milliseconds == 0xffff_ffff_ffff)
  }

  @Test("property: the lowest of a time is below every other of it, and above all of the time before")
  func lowest() throws {
    try SeededProperty.holds { generator in
      let time = Int64.random(in: 1..<(1 << 48), using: &generator)
      let lowest = UUIDv7.lowest(atMilliseconds: time)
      try SeededProperty.claim(lowest.milliseconds == time, "\(lowest) of \(time)")
      let (same, before) = (
        UUIDv7(atMilliseconds: time, using: &generator), UUIDv7(atMilliseconds: time - 1, using: &generator)
      )
      try SeededProperty.claim(lowest <= same && before < lowest, "\(before) < \(lowest) <= \(same)")
    }
    #expect(UUIDv7.lowest(atMilliseconds: .min).milliseconds == 0)
    #expect(UUIDv7.lowest(atMilliseconds: .max).milliseconds == 0xffff_ffff_ffff)
  }

  @Test("property: text, halves and bytes lead back to the same UUID, which has the time of its making")
  func roundTrips() throws {
    try SeededProperty.holds(forSeeds: 1_000) { generator in
      let time = Int64.random(in: 0..<(1 << 48), using: &generator)
      let uuid = UUIDv7(atMilliseconds: time, using: &generator)
      try SeededProperty.claim(uuid.milliseconds == time, "\(uuid) made at \(time)")
      try SeededProperty.claim(UUIDv7(uuid.description) == uuid, "\(uuid) by its text")
      try SeededProperty.claim(UUIDv7(uuid.description.uppercased()) == uuid, "\(uuid) by upper-case text")
      try SeededProperty.claim(UUIDv7(high: uuid.high, low: uuid.low) == uuid, "\(uuid) by its halves")
      let hexadecimal = uuid.description.filter { $0 != "-" }
      try SeededProperty.claim(Hexadecimal.text(of: uuid.bytes) == hexadecimal, "\(uuid) by its bytes")
    }
  }

  @Test("property: a later UUID is greater, as a value, as text and as bytes")
  func order() throws {
    try SeededProperty.holds(forSeeds: 1_000) { generator in
      let time = Int64.random(in: 0..<(1 << 47), using: &generator)
      let earlier = UUIDv7(atMilliseconds: time, using: &generator)
      let later = UUIDv7(atMilliseconds: time + .random(in: 1...100_000, using: &generator), using: &generator)
      try SeededProperty.claim(earlier < later && !(later < earlier), "\(earlier) before \(later)")
      try SeededProperty.claim(earlier.description < later.description, "\(earlier) before \(later) as text")
      try SeededProperty.claim(
        earlier.bytes.lexicographicallyPrecedes(later.bytes), "\(earlier) before \(later) as bytes")
    }
  }

  @Test("property: UUIDs of one millisecond differ")
  func distinct() {
    var generator = SeededGenerator(seed: 7)
    let made = (0..<10_000).map { _ in UUIDv7(atMilliseconds: 1, using: &generator) }
    #expect(Set(made).count == made.count)
  }

  @Test("any halves but those of version 7 and the right variant are refused")
  func halves() throws {
    try SeededProperty.holds(forSeeds: 1_000) { generator in
      let (high, low) = (generator.next(), generator.next())
      let isVersion7 = high & 0xf000 == 0x7000 && low & 0xc000_0000_0000_0000 == 0x8000_0000_0000_0000
      try SeededProperty.claim((UUIDv7(high: high, low: low) != nil) == isVersion7, "\(high) \(low)")
    }
  }
}
