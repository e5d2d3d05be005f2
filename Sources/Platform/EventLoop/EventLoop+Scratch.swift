extension EventLoop {
  /// Lends the loop's scratch memory, ``EventLoopLimits/scratchBytes`` of it, for the length of one call: what is read from
  /// a descriptor lands here first, so that an idle connection holds no buffer. Its content is undefined at the start.
  /// On the loop only, and not again from within.
  package func withScratch<Value>(_ body: (UnsafeMutableBufferPointer<UInt8>) throws -> Value) rethrows -> Value {
    precondition(isCurrent)
    precondition(!isScratchLent, "the scratch memory is lent to one reader at a time")
    isScratchLent = true
    defer { isScratchLent = false }
    return unsafe try body(scratch)
  }
}
