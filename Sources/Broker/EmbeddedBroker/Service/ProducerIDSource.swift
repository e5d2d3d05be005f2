internal import EventLoop
internal import KafkaWire

/// Gives out producer ids, each once: from a block that the metadata log has set aside. Confined to its loop, which makes it
/// Sendable.
final class ProducerIDSource: @unchecked Sendable {
  private let controller: TopicController
  private let loop: EventLoop
  private var block: Range<Int64> = 0..<0
  private var waiting: [@Sendable (Swift.Result<Int64, ErrorCodeFailure>) -> Void] = []
  private static let waitingLimit = 10_000

  init(_ controller: TopicController, on loop: EventLoop) {
    self.controller = controller
    self.loop = loop
  }

  /// An id that nobody had before, on the loop `home`. Too many that wait are refused, retriably.
  func next(for home: EventLoop, _ done: @escaping @Sendable (Swift.Result<Int64, ErrorCodeFailure>) -> Void) {
    loop.execute { [self] in
      let answer: @Sendable (Swift.Result<Int64, ErrorCodeFailure>) -> Void = { result in
        home.execute { done(result) }
      }
      if let id = take() { return answer(.success(id)) }
      guard waiting.count < Self.waitingLimit else { return answer(.failure(.init(.coordinatorNotAvailable))) }
      waiting.append(answer)
      if waiting.count == 1 { loop.spawn { [self] in await takeBlock() } }
    }
  }

  private func take() -> Int64? {
    guard !block.isEmpty else { return nil }
    defer { block = block.lowerBound + 1..<block.upperBound }
    return block.lowerBound
  }

  private func takeBlock() async {
    while !waiting.isEmpty {
      do throws(TopicRefusal) {
        block = try await controller.takeProducerIDs()
      } catch {
        let refused = waiting
        waiting = []
        for answer in refused { answer(.failure(.init(.coordinatorNotAvailable))) }
        return
      }
      while !waiting.isEmpty, let id = take() { waiting.removeFirst()(.success(id)) }
    }
  }
}
