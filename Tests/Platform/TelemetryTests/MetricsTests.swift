import Glibc
import Telemetry
import Testing

@Suite struct MetricsTests {
  private func filled() -> MetricsRegistry {
    let registry = MetricsRegistry()
    registry.counter("gateway.requests", help: "Requests by code.", labels: [("code", "200")]).increment(by: 3)
    registry.counter("gateway.requests", help: "Requests by code.", labels: [("code", "4\"\\\n")]).increment()
    registry.gauge("executor.slots.busy", help: "Slots in use.").set(2.5)
    let wait = registry.histogram("scheduler.wait.seconds", help: "Time waited.")
    for value in [0.001, 0.25, 0.25, 3, 1e9, -1, 0] { wait.record(value) }
    return registry
  }

  @Test func theExpositionIsExact() {
    let text = filled().prometheusText()
    #expect(text.contains("# TYPE gateway_requests_total counter\ngateway_requests_total{code=\"200\"} 3\n"))
    #expect(text.contains(#"gateway_requests_total{code="4\"\\\n"} 1"#))
    #expect(text.contains("executor_slots_busy 2.5\n"))
    // 0.25 is a bound: it counts within it, and not within the bound below.
    #expect(text.contains("scheduler_wait_seconds_bucket{le=\"0.25\"} 5\n"))
    #expect(text.contains("scheduler_wait_seconds_bucket{le=\"0.125\"} 3\n"))
    #expect(text.contains("scheduler_wait_seconds_bucket{le=\"4096\"} 6\n"))
    #expect(text.contains("scheduler_wait_seconds_bucket{le=\"+Inf\"} 7\n"))
    #expect(text.contains("scheduler_wait_seconds_count 7\n"))
  }

  static let promtool = access("/usr/bin/promtool", X_OK) == 0

  @Test(.enabled(if: promtool, "promtool is not installed")) func promtoolFindsNothingToSay() throws {
    let checker = try #require(popen("/usr/bin/promtool check metrics >/dev/null 2>&1", "w"))
    let text = filled().prometheusText()
    #expect(fputs(text, checker) >= 0)
    #expect(pclose(checker) == 0)
  }

  @Test func aQuantileIsOffByAtMostItsStatedBound() throws {
    var seed = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let histogram = MetricsRegistry().histogram("a.b.seconds", help: "x")
      let value = Double.random(in: 0.00001...4000, using: &seed)
      histogram.record(value)
      let read = try #require(histogram.quantile(0.5))
      #expect(abs(read - value) <= value / 32, "value \(value) read as \(read)")
    }
  }

  @Test func seriesBeyondTheBoundAreCountedAsOther() {
    let registry = MetricsRegistry()
    for index in 0..<200 { registry.counter("a.b", help: "x", labels: [("id", "\(index)")]).increment() }
    let text = registry.prometheusText()
    #expect(text.contains("a_b_total{id=\"other\"} \(200 - TelemetryLimits.seriesPerMetric)\n"))
    #expect(text.split(separator: "\n").count == TelemetryLimits.seriesPerMetric + 3)
  }

  @Test func theSameNameIsTheSameSeries() {
    let registry = MetricsRegistry()
    #expect(registry.counter("a.b", help: "x") === registry.counter("a.b", help: "x"))
  }
}
