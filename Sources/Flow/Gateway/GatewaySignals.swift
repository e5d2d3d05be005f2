/// Names of the gateway's metrics and log fields.
enum GatewaySignals {
  static let requests = "gateway.requests"
  static let requestSeconds = "gateway.request.seconds"
  static let refusals = "gateway.refusals"
  static let connections = "gateway.connections"
  static let invocations = "gateway.invocations"
  static let waitingCalls = "gateway.waiting.calls"
  static let replySeconds = "gateway.reply.seconds"
  static let acknowledgeSeconds = "gateway.acknowledge.seconds"
  static let timeouts = "gateway.wait.timeouts"
  static let strayReplies = "gateway.stray.replies"

  static let address = "address"
  static let reason = "reason"
  static let gateway = "gateway.id"
  static let position = "kafka.position"
}
