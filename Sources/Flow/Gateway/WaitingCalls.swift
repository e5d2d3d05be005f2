internal import EventLoop
internal import HTTPServer
internal import LogContracts
internal import MillraceDomain
internal import Telemetry

/// Calls that wait for their outcome, found by invocation. Confined to its loop, which makes it Sendable.
final class WaitingCalls: @unchecked Sendable {
  /// A function of a namespace.
  struct FunctionKey: Hashable {
    let namespace: NamespaceName
    let function: FunctionName
  }

  private struct Call {
    let exchange: HTTPExchange
    let function: FunctionKey
    let since: LoopInstant
    let deadline: LoopTimer
  }

  private let loop: EventLoop
  private let metrics: GatewayMetrics
  private var calls: [InvocationID: Call] = [:]
  private var underWay: [FunctionKey: Int] = [:]

  init(loop: EventLoop, metrics: GatewayMetrics) {
    self.loop = loop
    self.metrics = metrics
  }

  /// Calls that wait now.
  var count: Int { calls.count }

  /// Calls of a function that wait now.
  func count(of function: FunctionKey) -> Int { underWay[function] ?? 0 }

  /// Lets an exchange wait until its outcome is here, the limit has passed, or its client has left: the task runs all the
  /// same.
  func add(_ invocation: InvocationID, _ exchange: HTTPExchange, _ function: FunctionKey, within limit: Duration) {
    let deadline = loop.schedule(after: limit) { [self] in timeOut(invocation, limit) }
    calls[invocation] = Call(exchange: exchange, function: function, since: loop.now, deadline: deadline)
    underWay[function, default: 0] += 1
    metrics.waitingCalls.set(calls.count)
    exchange.whenClientLeaves = { [self] in _ = take(invocation) }
  }

  /// Answers the call of an outcome; another gateway's, or one that waits no more, is left.
  func settle(_ outcome: AttemptOutcome) {
    guard let call = take(outcome.invocation) else { return }
    metrics.replySeconds.record(loop.now - call.since)
    call.exchange.respond(OutcomeAnswer.response(outcome))
  }

  /// Answers a call with a problem.
  func fail(_ invocation: InvocationID, _ error: GatewayError) { take(invocation)?.exchange.respond(error.response) }

  /// Tells every caller that it waits here no more.
  func dismissAll() {
    for invocation in Array(calls.keys) {
      fail(
        invocation,
        GatewayError(
          .waitTimedOut, "The gateway stops. The invocation goes on: ask for its result by its id.",
          invocation: invocation))
    }
  }

  private func timeOut(_ invocation: InvocationID, _ limit: Duration) {
    guard let call = take(invocation) else { return }
    metrics.timeouts.increment()
    let error = GatewayError(
      .waitTimedOut,
      "No outcome within \(limit.components.seconds) s. The invocation goes on: ask for its result by its id.",
      invocation: invocation)
    call.exchange.respond(error.response)
  }

  private func take(_ invocation: InvocationID) -> Call? {
    guard let call = calls.removeValue(forKey: invocation) else { return nil }
    call.deadline.cancel()
    let remaining = (underWay[call.function] ?? 1) - 1
    underWay[call.function] = remaining > 0 ? remaining : nil
    metrics.waitingCalls.set(calls.count)
    return call
  }
}
