import Testing

@testable import EmbeddedBroker

@Suite("The rules of the reserve") struct ReserveRulesTests {
  @Test(
    "Only what the broker writes for itself gets the reserve, and clients are refused until there is room for it again")
  func lastRoom() {
    var rules = ReserveRules(byteCount: 100)
    rules.started(foundByteCount: nil, isHeld: true)
    #expect(rules.admitsClients)
    #expect(rules.foundNoRoom(.clients) == .refuse)
    #expect(rules.state == .held && rules.admitsClients)
    #expect(rules.foundNoRoom(.broker) == .giveBack)
    #expect(!rules.admitsClients)
    // Two writers meet the end of the disk at once: the second finds what the first was given.
    #expect(rules.foundNoRoom(.broker) == .retry)
    #expect(rules.foundNoRoom(.clients) == .refuse)
    #expect(!rules.isDue(availableByteCount: 124))
    #expect(rules.isDue(availableByteCount: 125))
    rules.madeAgain()
    #expect(rules.admitsClients)
    #expect(!rules.isDue(availableByteCount: .max), "it is there")
    #expect(rules.foundNoRoom(.broker) == .giveBack)
  }

  @Test("A disk that never had room for the reserve is used as it is, until it has")
  func missing() {
    var rules = ReserveRules(byteCount: 100)
    rules.started(foundByteCount: nil, isHeld: false)
    #expect(rules.admitsClients)
    #expect(rules.foundNoRoom(.broker) == .refuse)
    #expect(rules.admitsClients)
    #expect(rules.isDue(availableByteCount: 125))
  }

  @Test(
    "What an earlier broker has given back stays the broker's own over a restart", arguments: [0, 40, 100] as [Int64])
  func givenBackBefore(_ found: Int64) {
    var rules = ReserveRules(byteCount: 100)
    rules.started(foundByteCount: found, isHeld: false)
    #expect(!rules.admitsClients)
    #expect(rules.foundNoRoom(.broker) == .retry)
  }

  @Test("Batches of clients are told from what the broker writes by their path")
  func writers() {
    let batches = "00000000000000000000.log"
    for path in ["/d/t-0/\(batches)", "/d/a-b-12/\(batches)", "/d-0/t-1/\(batches)"] {
      #expect(ReservedFiles.writer(of: path) == .clients, "\(path)")
    }
    for path in [
      "/d/metadata.log", "/d-0/metadata.log", "/d/__consumer_offsets-0/\(batches)",
      "/d/__transaction_state-0/\(batches)",
      "/d/t-0/00000000000000000000.index", "/d/t-0/00000000000000000009.snapshot", "/d/meta.properties.tmp",
      "/d/recovery-point-offset-checkpoint", "metadata.log", "",
    ] { #expect(ReservedFiles.writer(of: path) == .broker, "\(path)") }
  }
}
