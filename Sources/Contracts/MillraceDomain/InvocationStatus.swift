/// Where an invocation is. Accepted leads to running or straight to a terminal state; running leads to a terminal state;
/// terminal states do not change.
package enum InvocationStatus: String, CaseIterable, Sendable, Codable {
  /// The task is on the log.
  case accepted
  /// An executor has started it.
  case running
  /// The handler returned.
  case succeeded
  /// The handler raised, could not be loaded, or its process ended.
  case failed
  /// It ran longer than its function may.
  case timedOut = "timed_out"
  /// It needed more memory than its function may.
  case outOfMemory = "out_of_memory"
  /// Somebody called it off.
  case cancelled
  /// It waited longer than it was worth.
  case expired
  /// It cannot be run at all: the function is gone, or the task is malformed. The task is in `deadletters` too.
  case dead

  /// Whether nothing follows.
  package var isTerminal: Bool {
    switch self {
    case .accepted, .running: false
    case .succeeded, .failed, .timedOut, .outOfMemory, .cancelled, .expired, .dead: true
    }
  }
}
