/// Numbers of waiting work, lowest first: numbers are given in the order of arrival, so this is first in, first out, also for
/// work that comes back. Pure.
struct WorkQueue: Sendable {
  private var items: [UInt64] = []
  private var head = 0

  var count: Int { items.count - head }
  var isEmpty: Bool { head == items.count }
  var first: UInt64? { isEmpty ? nil : items[head] }

  mutating func popFirst() -> UInt64? {
    guard let first else { return nil }
    head += 1
    if head > 64, head * 2 > items.count {
      items.removeFirst(head)
      head = 0
    }
    return first
  }

  mutating func insert(_ work: UInt64) {
    guard let last = items.last, !isEmpty, last > work else { return items.append(work) }
    var (low, high) = (head, items.count)
    while low < high {
      let middle = (low + high) / 2
      if items[middle] < work { low = middle + 1 } else { high = middle }
    }
    items.insert(work, at: low)
  }

  /// Takes out all that the condition holds for, and returns them in order.
  mutating func remove(where isWanted: (UInt64) -> Bool) -> [UInt64] {
    let taken = items[head...].filter(isWanted)
    guard !taken.isEmpty else { return [] }
    items = items[head...].filter { !isWanted($0) }
    head = 0
    return Array(taken)
  }
}
