/// What a stream tells its owner, always on the loop and never from within the owner's own call to it, but for
/// ``streamClosed(_:reason:)``.
package protocol ByteStreamDelegate: AnyObject {
  /// Bytes are there. Answers how many of them, from the first on, are done with: the rest is shown again together with
  /// what follows, so a parser that needs more consumes nothing and remembers how far it has looked. The span is valid for
  /// the length of the call.
  func stream(_ stream: ByteStream, received bytes: Span<UInt8>) -> Int
  /// The peer has finished sending: nothing follows what was shown. Writing goes on until this side ends it.
  func streamReachedEnd(_ stream: ByteStream)
  /// The output has fallen to the low-water mark after having been above the high one: go on writing.
  func streamDrained(_ stream: ByteStream)
  /// The stream is closed and the descriptor given back. Nothing is called after this.
  func streamClosed(_ stream: ByteStream, reason: StreamCloseReason)
}

/// How a stream has ended.
package enum StreamCloseReason: Equatable, Sendable {
  /// This side closed it.
  case closedHere
  /// Both sides have finished sending.
  case finished
  /// It broke: the peer has gone, or a bound was passed.
  case failed(StreamError)
}
