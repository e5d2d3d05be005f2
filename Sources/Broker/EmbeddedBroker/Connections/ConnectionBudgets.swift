/// What connections may hold together, and the bounds of each.
struct ConnectionBudgets: Sendable {
  let limits: ConnectionLimits
  let requests: RequestBudget
  let responses: MemoryBudget

  init(_ limits: ConnectionLimits) {
    self.limits = limits
    requests = RequestBudget(bytes: limits.requestsInFlightBytes)
    responses = MemoryBudget(bytes: limits.responsesInFlightBytes)
  }
}
