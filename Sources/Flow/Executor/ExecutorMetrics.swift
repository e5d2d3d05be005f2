internal import MillraceDomain
internal import Telemetry

/// The executor's metrics, made once.
struct ExecutorMetrics {
  let runSeconds = MetricsRegistry.shared.histogram(
    ExecutorSignals.runSeconds, help: "How long handlers run")
  let initSeconds = MetricsRegistry.shared.histogram(
    ExecutorSignals.initSeconds, help: "How long sandboxes take to load their function")
  let waitSeconds = MetricsRegistry.shared.histogram(
    ExecutorSignals.waitSeconds, help: "How long tasks wait from the log to their handler")
  let queued = MetricsRegistry.shared.gauge(ExecutorSignals.queued, help: "Tasks that wait for a sandbox")
  let sandboxes = MetricsRegistry.shared.gauge(ExecutorSignals.sandboxes, help: "Sandboxes there are")
  let busy = MetricsRegistry.shared.gauge(ExecutorSignals.busy, help: "Sandboxes that have work")
  let partitions = MetricsRegistry.shared.gauge(
    ExecutorSignals.partitions, help: "Partitions of tasks that this executor owns")
  let lag = MetricsRegistry.shared.gauge(ExecutorSignals.lag, help: "Tasks on the log that are not read yet")
  let startFailures = MetricsRegistry.shared.counter(
    ExecutorSignals.startFailures, help: "Sandboxes that could not be made")
  let skipped = MetricsRegistry.shared.counter(
    ExecutorSignals.skipped, help: "Tasks not run because they had a result already")
  let resends = MetricsRegistry.shared.counter(
    ExecutorSignals.resends, help: "Records sent again because the log did not take them")
  private let outcomes: [InvocationStatus: Counter]

  init() {
    outcomes = Dictionary(
      uniqueKeysWithValues: InvocationStatus.allCases.filter(\.isTerminal).map { status in
        let labels = [("status", status.rawValue)]
        return (
          status, MetricsRegistry.shared.counter(ExecutorSignals.outcomes, help: "Attempts ended", labels: labels)
        )
      })
  }

  func ended(_ status: InvocationStatus) { outcomes[status]?.increment() }

  func reject(_ code: String) {
    MetricsRegistry.shared.counter(
      ExecutorSignals.rejections, help: "Tasks that cannot be run at all", labels: [("code", code)]
    ).increment()
  }
}
