import KafkaWire
import SimulationKit
import Testing

/// Identifiers are written as Kafka writes them.
@Suite struct WireUUIDTests {
  @Test func `the text is that of Kafka`() throws {
    #expect(WireUUID.zero.description == "AAAAAAAAAAAAAAAAAAAAAA")
    #expect(WireUUID(high: 0, low: 1).description == "AAAAAAAAAAAAAAAAAAAAAQ")
    #expect(WireUUID(high: .max, low: .max).description == "_____________________w")
    #expect(WireUUID("AAAAAAAAAAAAAAAAAAAAAQ") == WireUUID(high: 0, low: 1))
    for wrong in ["", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAR", "AAAAAAAAAA+AAAAAAAAAAQ"] {
      #expect(WireUUID(wrong) == nil)
    }
  }

  @Test func `every identifier is read back from its text`() throws {
    try SeededProperty.holds { generator in
      let made = WireUUID.random(using: &generator)
      try SeededProperty.claim(WireUUID(made.description) == made, "\(made)")
      try SeededProperty.claim(made.description.utf8.count == 22, "\(made)")
    }
  }
}
