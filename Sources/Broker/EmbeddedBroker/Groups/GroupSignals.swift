internal import Telemetry

/// Names in the coordinator's log lines and metrics.
enum GroupSignals {
  static let group = "group.id"
  static let groups = "groups"
  static let offsets = "offsets"
  static let reason = "reason"
  static let milliseconds = "duration.milliseconds"
  static let byteCount = "bytes"
}

/// What the coordinator counts.
struct GroupMetrics: Sendable {
  let groups = MetricsRegistry.shared.gauge("broker.groups", help: "Consumer groups")
  let members = MetricsRegistry.shared.gauge("broker.group.members", help: "Members of all consumer groups")
  let offsets = MetricsRegistry.shared.gauge(
    "broker.group.offsets", help: "Offsets that consumer groups have committed")
  let commits = MetricsRegistry.shared.counter("broker.group.commits", help: "Commits of offsets that were kept")
  let generations = MetricsRegistry.shared.counter(
    "broker.group.generations", help: "Generations that consumer groups have shared out in")
  let rewrites = MetricsRegistry.shared.counter(
    "broker.group.rewrites", help: "Times that the state of all groups was written again")
}
