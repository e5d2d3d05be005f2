/// Answers in the order of their requests, some of which are not there yet. Confined to its connection.
struct AnswerQueue {
  /// What a request is while it waits for its answer.
  enum Kind {
    /// Nothing is handled until it is answered.
    case alone
    /// Others may be handled meanwhile; so many bytes of it are on their way to the disk.
    case followed(byteCount: Int)
  }

  /// Where an answer will stand.
  final class Slot {
    fileprivate let kind: Kind
    var reply: RequestRouter.Reply?

    fileprivate init(_ kind: Kind) { self.kind = kind }

    var isAlone: Bool {
      switch kind {
      case .alone: true
      case .followed: false
      }
    }

    fileprivate var byteCount: Int {
      switch kind {
      case .alone: 0
      case .followed(let byteCount): byteCount
      }
    }
  }

  private var slots: [Slot] = []
  private var byteCount = 0

  var isEmpty: Bool { slots.isEmpty }

  /// Whether one more request may be handled.
  var hasRoom: Bool {
    slots.count < BrokerLimits.unansweredRequests && byteCount < BrokerLimits.unansweredBytes
      && slots.last?.isAlone != true
  }

  mutating func add(_ kind: Kind) -> Slot {
    let slot = Slot(kind)
    slots.append(slot)
    byteCount += slot.byteCount
    return slot
  }

  /// Takes the first answer, if it is there.
  mutating func next() -> RequestRouter.Reply? {
    guard let first = slots.first, let reply = first.reply else { return nil }
    slots.removeFirst()
    byteCount -= first.byteCount
    return reply
  }
}
