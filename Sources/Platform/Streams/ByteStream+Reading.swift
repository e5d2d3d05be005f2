internal import EventLoop

extension ByteStream {
  /// Stops handing over bytes; they stay in the kernel, which holds the peer back. May be called from within the delegate.
  package func pauseReading() {
    precondition(loop.isCurrent)
    isPaused = true
  }

  /// Goes on handing over bytes, from the next round on: first those the delegate left, also when no more have come.
  package func resumeReading() {
    precondition(loop.isCurrent)
    guard !isClosed else { return }
    isPaused = false
    scheduleReading()
  }

  private func scheduleReading() {
    guard !isReadingScheduled else { return }
    isReadingScheduled = true
    loop.nextRound { [self] in
      isReadingScheduled = false
      if !isClosed, !isPaused, !input.isEmpty { showInput() }
      readWhatThereIs()
    }
  }

  /// Reads and hands over until the kernel has no more, the delegate pauses, or others deserve a turn.
  func readWhatThereIs() {
    var reads = 0
    while kernelMayHaveInput, !isPaused, !hasReachedEnd, !isClosed {
      guard reads < StreamLimits.readsPerTurn else { return scheduleReading() }
      reads += 1
      unsafe loop.withScratch { unsafe readOnce(into: $0) }
    }
  }

  private func readOnce(into scratch: UnsafeMutableBufferPointer<UInt8>) {
    switch unsafe transport.read(into: scratch) {
    case .moved(let count):
      // Edge-triggered: a short read has emptied the socket, and what comes later is reported anew; but an end that was
      // reported already is not, so it has to be read.
      if count < scratch.count, !peerHasHungUp, transport.isEmptiedByShortRead { kernelMayHaveInput = false }
      unsafe handOver(UnsafeBufferPointer(rebasing: scratch[..<count]).span)
    case .blocked:
      kernelMayHaveInput = false
    case .ended:
      reachEnd()
    case .failed(let number):
      close(.failed(StreamError(call: "reading", number: number)))
    }
  }

  private func handOver(_ bytes: Span<UInt8>) {
    guard input.isEmpty else {
      input.append(bytes)
      return showInput()
    }
    let consumed = show(bytes)
    if consumed < bytes.count, !isClosed { input.append(bytes.extracting(droppingFirst: consumed)) }
    checkInputLimit()
  }

  /// Shows what was left, and what came behind it.
  private func showInput() {
    let (bytes, start) = input.content
    let consumed = show(bytes.span.extracting(droppingFirst: start))
    consumeInput(consumed)
  }

  private func consumeInput(_ count: Int) {
    input.consume(count)
    checkInputLimit()
  }

  private func show(_ bytes: Span<UInt8>) -> Int {
    precondition(!isDelivering, "a delegate is not shown bytes from within")
    isDelivering = true
    defer { isDelivering = false }
    guard let delegate else { return 0 }
    let consumed = delegate.stream(self, received: bytes)
    precondition(0...bytes.count ~= consumed, "a delegate consumes what it is shown")
    return consumed
  }

  private func checkInputLimit() {
    guard !isClosed, !isPaused, input.count > limits.unconsumedBytes else { return }
    close(.failed(StreamError(.inputLimit, call: "holding \(input.count) unconsumed bytes")))
  }

  private func reachEnd() {
    hasReachedEnd = true
    delegate?.streamReachedEnd(self)
    if ending == .finished { close(.finished) }
  }
}
