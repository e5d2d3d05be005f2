/// Commits that were appended and are not durable yet, and who waits until those that there were are.
struct CommitsUnderWay {
  private var last = 0
  private var numbers: Set<Int> = []
  private var waiting: [(last: Int, waiter: CheckedContinuation<Void, Never>)] = []

  /// Another one; its number.
  mutating func begin() -> Int {
    last += 1
    numbers.insert(last)
    return last
  }

  /// It is durable, or was refused. Answers with who need not wait any more.
  mutating func end(_ number: Int) -> [CheckedContinuation<Void, Never>] {
    numbers.remove(number)
    let first = numbers.min() ?? .max
    let done = waiting.filter { $0.last < first }.map(\.waiter)
    waiting.removeAll { $0.last < first }
    return done
  }

  /// Resumes the waiter once all that there are now have ended.
  mutating func afterAll(_ waiter: CheckedContinuation<Void, Never>) {
    if numbers.isEmpty { waiter.resume() } else { waiting.append((last, waiter)) }
  }
}
