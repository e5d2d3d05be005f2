package import EventLoop
internal import KafkaWire
internal import Synchronization

/// Gives out producer ids, each once, from blocks that the metadata has taken: whatever happens, none comes back.
package final class ProducerIDs: Sendable {
  /// What is told of an id.
  package typealias Answer = @Sendable (Swift.Result<Int64, ErrorCodeFailure>) -> Void

  private struct State {
    var block: Range<Int64> = 0..<0
    /// Who waits for the next block, in order.
    var waiting: [(loop: EventLoop, answer: Answer)] = []
  }

  private enum Next {
    case id(Int64)
    case ask
    case wait
    case refuse
  }

  private let controller: TopicController
  private let state = Mutex(State())

  /// Ids of the controller's metadata.
  package init(_ controller: TopicController) { self.controller = controller }

  /// An id that nobody has had; the answer is called once, on the loop.
  package func next(on loop: EventLoop, _ answer: @escaping Answer) {
    let next = state.withLock { state -> Next in
      if let id = state.block.first {
        state.block = id + 1..<state.block.upperBound
        return .id(id)
      }
      guard state.waiting.count < TopicLimits.waitingProducers else { return .refuse }
      state.waiting.append((loop, answer))
      return state.waiting.count == 1 ? .ask : .wait
    }
    switch next {
    case .id(let id): loop.execute { answer(.success(id)) }
    case .ask: ask()
    case .wait: break
    case .refuse: loop.execute { answer(.failure(ErrorCodeFailure(.coordinatorLoadInProgress))) }
    }
  }

  private func ask() {
    // Ends with the controller's turn.
    controller.loop.spawn { [self] in
      do throws(TopicRefusal) { give(try await controller.takeProducerIDs()) } catch { refuse(error.code) }
    }
  }

  private func give(_ taken: Range<Int64>) {
    let (given, asksAgain) = state.withLock { state in
      state.block = taken
      let count = min(state.waiting.count, taken.count)
      let given = state.waiting.prefix(count).map { waiter in
        defer { state.block = state.block.lowerBound + 1..<state.block.upperBound }
        return (waiter, state.block.lowerBound)
      }
      state.waiting.removeFirst(count)
      return (given, !state.waiting.isEmpty)
    }
    for (waiter, id) in given { waiter.loop.execute { waiter.answer(.success(id)) } }
    if asksAgain { ask() }
  }

  private func refuse(_ code: ErrorCode) {
    let refused = state.withLock { state in
      let refused = state.waiting
      state.waiting = []
      return refused
    }
    for waiter in refused { waiter.loop.execute { waiter.answer(.failure(ErrorCodeFailure(code))) } }
  }
}
