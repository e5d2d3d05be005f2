import Testing

/// The comparison of probes finds what it is there to find.
@Suite struct ProbeAnswersTests {
  static let recorded = ProbeAnswers(
    recorded: """
      # GROUPS
      join: ('0', 1)
      join again: later: ('0', 2)
      # TXN
      abort: 0
      """)

  private func faults(_ answers: String, _ deviations: [Deviation] = []) -> [String] {
    ProbeAnswers(answers, probedLike: Self.recorded).faults(
      beside: Self.recorded, deviations: deviations, except: ["TXN"])
  }

  @Test func anAnswerFollowsTheLastColon() {
    #expect(
      Self.recorded.answers == [
        .init(section: "GROUPS", probe: "join", value: "('0', 1)"),
        .init(section: "GROUPS", probe: "join again: later", value: "('0', 2)"),
        .init(section: "TXN", probe: "abort", value: "0"),
      ])
  }

  @Test func theSameAnswersHaveNoFault() {
    #expect(faults("# GROUPS\njoin: ('0', 1)\njoin again: later: ('0', 2)\n# TXN\nabort: EXC: closed\n") == [])
  }

  @Test func aDifferenceOrAnAnswerThatIsMissingIsAFault() {
    #expect(faults("join: ('0', 1)\njoin again: later: ('0', 3)\n").count == 1)
    #expect(faults("join again: later: ('0', 2)\n").count == 1)
    #expect(faults("").count == 2)
  }

  @Test func aDeviationMustBeOneAndBeListedAsItIs() {
    let listed = Deviation(probe: "join", ours: "EXC: closed", theirs: "('0', 1)", reason: "because")
    #expect(faults("join: EXC: closed\njoin again: later: ('0', 2)\n", [listed]) == [])
    #expect(faults("join: ('0', 1)\njoin again: later: ('0', 2)\n", [listed]).count == 2)
    #expect(faults("join: ('0', 9)\njoin again: later: ('0', 2)\n", [listed]).count == 1)
    let stranger = Deviation(probe: "leave", ours: "1", theirs: "0", reason: "because")
    #expect(faults("join: ('0', 1)\njoin again: later: ('0', 2)\n", [stranger]).count == 1)
    let unreasoned = Deviation(probe: "join", ours: "1", theirs: "('0', 1)", reason: "")
    #expect(faults("join: 1\njoin again: later: ('0', 2)\n", [unreasoned]).count == 1)
  }

  @Test func aPageListsDeviationsUnderItsHeading() throws {
    let page = """
      | `not here` | `1` | `2` | another table |
      \(Deviation.heading)
      Words.

      | probe | Millrace | Apache Kafka | reason |
      |---|---|---|---|
      | `a: b` | `['1']` | `('2', -1)` | so it is |
      ## Next
      | `nor here` | `1` | `2` | another table |
      """
    #expect(
      try Deviation.rows(of: page) == [.init(probe: "a: b", ours: "['1']", theirs: "('2', -1)", reason: "so it is")])
    #expect(throws: ClientFailure.self) { try Deviation.rows(of: "no heading") }
    #expect(throws: ClientFailure.self) { try Deviation.rows(of: "\(Deviation.heading)\n| `a` | b | `c` | d |") }
  }

  /// The page itself can be read, wherever the tests run.
  @Test func theProjectsPageCanBeRead() throws {
    #expect(try Deviation.listed().allSatisfy { !$0.reason.isEmpty })
  }
}
