internal import Synchronization

/// The metrics of a process: made once by name and labels, read as Prometheus text.
///
/// Names are `stage.thing.unit` (`gateway.wait.seconds`); the exposition writes `stage_thing_unit`. Label values are from a
/// small known set, never ids: beyond ``TelemetryLimits/seriesPerMetric`` different ones, further series are one, whose
/// values are `other`. From any thread; keep what it returns rather than asking per event.
package final class MetricsRegistry: Sendable {
  /// The registry of the process.
  package static let shared = MetricsRegistry()

  enum Series: Sendable {
    case counter(Counter)
    case gauge(Gauge)
    case histogram(Histogram)

    var kind: String {
      switch self {
      case .counter: "counter"
      case .gauge: "gauge"
      case .histogram: "histogram"
      }
    }
  }

  struct Family: Sendable {
    let help: String
    let kind: String
    var series: [String: Series] = [:]
  }

  private let families = Mutex<[String: Family]>([:])

  /// An empty registry.
  package init() {}

  /// The counter of that name and those labels. The exposition ends its name with `_total`.
  package func counter(_ name: String, help: String, labels: [(String, String)] = []) -> Counter {
    let exposed = PrometheusText.name(name)
    let full = exposed.hasSuffix("_total") ? exposed : exposed + "_total"
    guard case .counter(let counter) = series(full, help, labels, orMake: { .counter(Counter()) }) else {
      preconditionFailure("\(name) is a metric of another kind")
    }
    return counter
  }

  /// The gauge of that name and those labels.
  package func gauge(_ name: String, help: String, labels: [(String, String)] = []) -> Gauge {
    guard case .gauge(let gauge) = series(PrometheusText.name(name), help, labels, orMake: { .gauge(Gauge()) }) else {
      preconditionFailure("\(name) is a metric of another kind")
    }
    return gauge
  }

  /// The histogram of that name and those labels.
  package func histogram(
    _ name: String, help: String, range: HistogramRange = .seconds, labels: [(String, String)] = []
  ) -> Histogram {
    let made = series(PrometheusText.name(name), help, labels, orMake: { .histogram(Histogram(range: range)) })
    guard case .histogram(let histogram) = made else { preconditionFailure("\(name) is a metric of another kind") }
    return histogram
  }

  private func series(
    _ name: String, _ help: String, _ labels: [(String, String)], orMake make: () -> Series
  ) -> Series {
    families.withLock { families in
      var key = PrometheusText.labels(labels)
      if let existing = families[name]?.series[key] { return existing }
      if families[name]?.series.count ?? 0 >= TelemetryLimits.seriesPerMetric {
        key = PrometheusText.labels(labels.map { ($0.0, "other") })
        if let existing = families[name]?.series[key] { return existing }
      }
      let made = make()
      families[name, default: Family(help: help, kind: made.kind)].series[key] = made
      return made
    }
  }

  /// Everything, in Prometheus' text format 0.0.4, sorted by name and labels.
  package func prometheusText() -> String {
    var text = PrometheusText()
    for (name, family) in families.withLock({ $0 }).sorted(by: { $0.key < $1.key }) { text.append(name, family) }
    return text.text
  }
}
