import Telemetry
import Testing

/// Counts up: what is injected is what is seen.
private struct Counting: RandomNumberGenerator {
  var last: UInt64 = 0
  mutating func next() -> UInt64 {
    last += 1
    return last << 40
  }
}

@Suite struct TraceContextTests {
  private let sample = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

  @Test func aHeaderIsReadAndWrittenUnchanged() throws {
    let context = try #require(TraceContext(traceparent: sample))
    #expect(context.traceparent == sample)
    #expect(context.traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
    #expect(context.flags == 1)
  }

  @Test func aChildKeepsTheTraceAndChangesTheSpan() throws {
    var generator = Counting()
    let parent = try #require(TraceContext(traceparent: sample))
    let child = parent.child(using: &generator)
    #expect(child.traceID == parent.traceID && child.span != parent.span && child.span != 0)
    let root = TraceContext.root(using: &generator)
    #expect(TraceContext(traceparent: root.traceparent) == root)
  }

  @Test(arguments: [
    "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
    "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
    "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
    "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  ]) func whatIsNotAHeaderIsRefused(_ header: String) { #expect(TraceContext(traceparent: header) == nil) }

  @Test func aLaterVersionIsReadAsFarAsKnown() {
    #expect(TraceContext(traceparent: "01" + sample.dropFirst(2) + "-later") != nil)
  }
}
