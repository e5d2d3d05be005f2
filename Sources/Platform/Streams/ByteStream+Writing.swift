internal import EventLoop

extension ByteStream {
  /// Bytes written and not yet taken by the kernel.
  package var unsentCount: Int { output.count - sentCount }

  /// Appends bytes to the output; they are sent at the end of the turn. Dropped where the stream is closed or this side has
  /// finished.
  package func write(_ bytes: [UInt8]) { write { $0.append(contentsOf: bytes) } }

  /// Appends bytes to the output, as ``write(_:)-([UInt8])``.
  package func write(_ bytes: Span<UInt8>) {
    write { output in unsafe bytes.withUnsafeBufferPointer { unsafe output.append(contentsOf: $0) } }
  }

  /// Lets `body` append to the output itself, without a copy; it must not change what is there.
  package func write(_ body: (inout [UInt8]) -> Void) {
    precondition(loop.isCurrent)
    guard !isClosed, ending == .open else { return }
    body(&output)
    if unsentCount >= limits.highWaterBytes { isAboveHighWater = true }
    scheduleFlush()
  }

  /// Sends what is written, then tells the peer that nothing follows (half-close). Reading goes on; when the peer has
  /// finished too, the stream closes. A pipe closes.
  package func finishWriting() { end(.finishWhenFlushed) }

  /// Sends what is written, then closes. A peer that takes nothing holds it open: the owner bounds that.
  package func closeWhenFlushed() { end(.closeWhenFlushed) }

  private func end(_ wanted: Ending) {
    precondition(loop.isCurrent)
    guard !isClosed else { return }
    if ending == .finished, wanted == .finishWhenFlushed { return }
    ending = wanted
    scheduleFlush()
  }

  func scheduleFlush() {
    guard !isFlushScheduled else { return }
    isFlushScheduled = true
    loop.atEndOfTurn { [self] in
      isFlushScheduled = false
      flush()
    }
  }

  private func flush() {
    while !isClosed, kernelMayHaveRoom, unsentCount > 0 {
      let sent = unsafe output.withUnsafeBytes {
        unsafe transport.write(UnsafeRawBufferPointer(rebasing: $0[sentCount...]))
      }
      switch sent {
      case .moved(let count): sentCount += count
      case .blocked: kernelMayHaveRoom = false
      case .ended: preconditionFailure("a write does not end a stream")
      case .failed(let number): return close(.failed(StreamError(call: "writing", number: number)))
      }
    }
    guard !isClosed else { return }
    releaseSentOutput()
    if isAboveHighWater, unsentCount <= limits.lowWaterBytes {
      isAboveHighWater = false
      delegate?.streamDrained(self)
    }
    if !isClosed, unsentCount == 0 { performEnding() }
  }

  private func releaseSentOutput() {
    if sentCount == output.count {
      guard sentCount > 0 else { return }
      output.removeAll(keepingCapacity: output.capacity <= StreamLimits.retainedBufferBytes)
      sentCount = 0
    } else if sentCount > output.count / 2 {
      // Moves less than was sent since the last time, so the cost of moving stays in proportion to the bytes sent.
      output.removeSubrange(..<sentCount)
      sentCount = 0
    }
  }

  private func performEnding() {
    switch (ending, transport) {
    case (.open, _), (.finished, _): break
    case (.closeWhenFlushed, _), (.finishWhenFlushed, .pipe): close(.closedHere)
    case (.finishWhenFlushed, .socket):
      ending = .finished
      transport.finishWriting()
      if hasReachedEnd { close(.finished) }
    }
  }
}
