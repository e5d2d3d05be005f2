internal import EventLoop
package import KafkaWire

/// InitProducerId for producers that number their batches outside of transactions: an id that nobody had before.
struct InitProducerIDHandler: Sendable {
  private let next: @Sendable (EventLoop, @escaping @Sendable (Swift.Result<Int64, ErrorCodeFailure>) -> Void) -> Void

  /// `next` gives an id, on the loop, once it can never be given again.
  init(
    next: @escaping @Sendable (EventLoop, @escaping @Sendable (Swift.Result<Int64, ErrorCodeFailure>) -> Void) -> Void
  ) {
    self.next = next
  }

  func handle(
    _ request: InitProducerIDRequest, _ context: RequestContext, reply: @escaping (InitProducerIDResponse) -> Void
  ) {
    if let transactionalID = request.transactionalID {
      // Transactions are not offered; Kafka's own answer to an empty name stands.
      return reply(
        InitProducerIDResponse {
          $0.errorCode = transactionalID.isEmpty ? .invalidRequest : .transactionalIDAuthorizationFailed
          $0.producerEpoch = -1
        })
    }
    let answer = Reply(call: reply)
    next(context.loop) { result in
      answer.call(
        InitProducerIDResponse { response in
          switch result {
          case .success(let id): response.producerID = id
          case .failure(let failure):
            response.errorCode = failure.code
            response.producerEpoch = -1
          }
        })
    }
  }

  /// Called on the loop alone: hence Sendable.
  private struct Reply: @unchecked Sendable {
    let call: (InitProducerIDResponse) -> Void
  }
}

/// A verdict as an error.
package struct ErrorCodeFailure: Error, Equatable {
  package let code: ErrorCode

  package init(_ code: ErrorCode) { self.code = code }
}
