/// A binary heap of timers, earliest first; equal instants in the order they were added.
struct TimerHeap {
  private var heap: [LoopTimer] = []
  private var nextSequence: UInt64 = 0
  private var countBeforeSweep = EventLoopLimits.timersBeforeSweep

  var count: Int { heap.count }

  /// When the earliest pending timer is due. Cancelled ones at the top are dropped on the way.
  var nextDue: LoopInstant? {
    mutating get {
      while let first = heap.first, !first.isPending { removeFirst() }
      return heap.first?.due
    }
  }

  mutating func add(due: LoopInstant, _ body: @escaping () -> Void) -> LoopTimer {
    if heap.count >= countBeforeSweep { sweep() }
    let timer = LoopTimer(due: due, sequence: nextSequence, body: body)
    nextSequence += 1
    heap.append(timer)
    siftUp(heap.count - 1)
    return timer
  }

  /// Removes and returns the pending timers due at or before the instant, in order.
  mutating func removeDue(by instant: LoopInstant) -> [LoopTimer] {
    var due: [LoopTimer] = []
    while let first = heap.first, first.due <= instant || !first.isPending {
      removeFirst()
      if first.isPending { due.append(first) }
    }
    return due
  }

  /// Drops cancelled timers: deadlines are mostly cancelled long before they are due, and must not pile up until then. The
  /// next sweep waits until the heap has doubled, so that each timer pays for one sweep at most, however few are cancelled.
  private mutating func sweep() {
    heap.removeAll { !$0.isPending }
    countBeforeSweep = max(EventLoopLimits.timersBeforeSweep, 2 * heap.count)
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    if !heap.isEmpty { siftDown(0) }
  }

  private func isEarlier(_ left: Int, _ right: Int) -> Bool {
    let (a, b) = (heap[left], heap[right])
    return a.due == b.due ? a.sequence < b.sequence : a.due < b.due
  }

  private mutating func siftUp(_ start: Int) {
    var index = start
    while index > 0, isEarlier(index, (index - 1) / 2) {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  private mutating func siftDown(_ start: Int) {
    var index = start
    while true {
      var earliest = index
      for child in [2 * index + 1, 2 * index + 2] where child < heap.count && isEarlier(child, earliest) {
        earliest = child
      }
      guard earliest != index else { return }
      heap.swapAt(index, earliest)
      index = earliest
    }
  }
}
