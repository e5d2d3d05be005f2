internal import LogContracts
internal import MillraceDomain

/// Which tasks of a partition have a result already, found when the partition was taken over. Pure.
///
/// A result counts only for the task that has its invocation id: where `tasks` was made anew and `results` was kept, other
/// tasks stand at the old offsets. Of most results only the id is kept; outcomes are kept for callers that may still wait, the
/// newest ones within a bound.
struct InheritedResults: Sendable {
  /// What is known of a task.
  enum Finding: Equatable, Sendable {
    case notRun
    /// It has a result; nil where the outcome was not kept.
    case run(AttemptOutcome?)
  }

  private let countLimit: Int
  private let outcomeBytesLimit: Int
  private var invocations: [Int64: InvocationID] = [:]
  private var outcomes: [Int64: AttemptOutcome] = [:]
  /// The offsets of `outcomes` in the order of arrival, with some that are gone; those before `oldest` are done with.
  private var order: [Int64] = []
  private var oldest = 0
  private var outcomeBytes = 0
  /// Results that found no room, so that their tasks would run again.
  private(set) var forgottenCount = 0
  /// The highest task of which a result was seen, or -1.
  private(set) var lastTask: Int64 = -1

  init(
    countLimit: Int = ExecutorLimits.inheritedResults,
    outcomeBytesLimit: Int = ExecutorLimits.inheritedOutcomeBytes
  ) {
    precondition(countLimit > 3)
    self.countLimit = countLimit
    self.outcomeBytesLimit = outcomeBytesLimit
  }

  var count: Int { invocations.count }
  /// Outcomes kept.
  var outcomeCount: Int { outcomes.count }

  /// A result, in the order of the log. Beyond the bound a quarter of the results is forgotten, those of the oldest tasks.
  mutating func insert(_ outcome: AttemptOutcome) {
    let offset = outcome.taskOffset
    lastTask = max(lastTask, offset)
    invocations[offset] = outcome.invocation
    dropOutcome(of: offset)
    if outcome.payload.count <= ExecutorLimits.inheritedResultBytes { keep(outcome) }
    guard invocations.count > countLimit else { return }
    let doomed = invocations.keys.sorted().prefix(countLimit / 4)
    for offset in doomed { remove(offset) }
    forgottenCount += doomed.count
  }

  private mutating func keep(_ outcome: AttemptOutcome) {
    outcomes[outcome.taskOffset] = outcome
    order.append(outcome.taskOffset)
    outcomeBytes += InheritedResults.size(outcome)
    while outcomeBytes > outcomeBytesLimit, oldest < order.count {
      dropOutcome(of: order[oldest])
      oldest += 1
    }
    if oldest > 1024, oldest * 2 > order.count {
      order.removeFirst(oldest)
      oldest = 0
    }
  }

  private mutating func dropOutcome(of offset: Int64) {
    guard let outcome = outcomes.removeValue(forKey: offset) else { return }
    outcomeBytes -= InheritedResults.size(outcome)
  }

  private mutating func remove(_ offset: Int64) {
    invocations[offset] = nil
    dropOutcome(of: offset)
  }

  private static func size(_ outcome: AttemptOutcome) -> Int {
    outcome.payload.count + ExecutorLimits.inheritedOutcomeOverheadBytes
  }

  /// The first task of the partition stands at `offset`: whatever was before is gone.
  mutating func begin(at offset: Int64) {
    for past in invocations.keys.filter({ $0 < offset }) { remove(past) }
  }

  /// Whether something may be known of the task at the offset.
  func contains(_ offset: Int64) -> Bool { invocations[offset] != nil }

  /// What is known of a task; it is asked for once.
  mutating func take(_ offset: Int64, _ invocation: InvocationID?) -> Finding {
    defer { remove(offset) }
    guard let known = invocations[offset], known == invocation else { return .notRun }
    return .run(outcomes[offset])
  }
}
