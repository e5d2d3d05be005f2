import Testing

@testable import EmbeddedBroker

struct CommitRulesTests {
  @Test func `one partition alone is synced, in company it goes into the journal`() {
    #expect(CommitRules.journaled([100], .alone, frameLimitBytes: 1_000) == [])
    #expect(CommitRules.journaled([100], .others, frameLimitBytes: 1_000) == [0])
    #expect(CommitRules.journaled([nil], .others, frameLimitBytes: 1_000) == [])
  }

  @Test func `several go into the journal, but those that must be synced`() {
    #expect(CommitRules.journaled([100, nil, 200], .alone, frameLimitBytes: 1_000) == [0, 2])
    #expect(CommitRules.journaled([100, nil], .alone, frameLimitBytes: 1_000) == [])
  }

  @Test func `a frame takes no more than it may`() {
    #expect(CommitRules.journaled([60, 50, 40], .alone, frameLimitBytes: 100) == [0, 2])
    #expect(CommitRules.journaled([100, 1], .alone, frameLimitBytes: 100) == [])
  }
}
