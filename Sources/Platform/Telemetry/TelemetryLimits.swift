/// The bounds of log lines and metrics.
package enum TelemetryLimits {
  /// Bytes of one log line with its newline. It is `PIPE_BUF`: a pipe that poll calls writable takes so much at once, whole,
  /// so that a line neither blocks its writer nor mixes with another process's.
  package static let logLineBytes = 4096
  /// Bytes of one metadata value; the rest is cut off and an ellipsis put in its place.
  package static let logValueBytes = 1024
  /// Different label values of one metric. Further ones are counted together, under the value `other`.
  package static let seriesPerMetric = 64
}
