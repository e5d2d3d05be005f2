internal import CLinux
internal import Glibc

/// How a stream's bytes are moved: the one place that differs between plain sockets and pipes, and where TLS becomes
/// another form.
enum Transport {
  /// A connected stream socket, TCP or Unix.
  case socket(Int32)
  /// One end of a pipe: read from or written to. The process must ignore SIGPIPE.
  case pipe(Int32)

  /// What one attempt has moved.
  enum Transfer: Equatable {
    /// So many bytes, at least one.
    case moved(Int)
    /// Nothing now: the loop will tell when to try again.
    case blocked
    /// The peer has finished sending.
    case ended
    /// The transport is broken: the errno.
    case failed(Int32)
  }

  var descriptor: Int32 {
    switch self {
    case .socket(let descriptor), .pipe(let descriptor): descriptor
    }
  }

  /// Whether a read that did not fill its buffer has emptied the descriptor.
  var isEmptiedByShortRead: Bool {
    switch self {
    case .socket: true
    case .pipe: false
    }
  }

  func read(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Transfer {
    while true {
      let count =
        switch self {
        case .socket(let descriptor): unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
        case .pipe(let descriptor): unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        }
      if count > 0 { return .moved(count) }
      if count == 0 { return .ended }
      if errno == EAGAIN { return .blocked }
      if errno != EINTR { return .failed(errno) }
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    while true {
      let count =
        switch self {
        case .socket(let descriptor):
          unsafe send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        case .pipe(let descriptor): unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        }
      if count >= 0 { return .moved(count) }
      if errno == EAGAIN { return .blocked }
      if errno != EINTR { return .failed(errno) }
    }
  }

  /// Tells the peer that nothing more comes. A pipe has no other way than its end.
  func finishWriting() {
    switch self {
    case .socket(let descriptor): shutdown(descriptor, Int32(SHUT_WR))
    case .pipe: break
    }
  }

  func close() { Glibc.close(descriptor) }
}
