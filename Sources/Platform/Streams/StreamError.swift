internal import Glibc

/// Why a stream could not be opened, or ended before its time.
package struct StreamError: Error, CustomStringConvertible, Equatable {
  /// What kind of failure it was.
  package struct Code: Hashable, Sendable {
    let name: String
    /// The address is not one: a name that is no number, a port out of range, a path too long for a socket.
    package static let invalidAddress = Code(name: "invalidAddress")
    /// Another process listens there already.
    package static let addressInUse = Code(name: "addressInUse")
    /// Nobody listens there, or not yet.
    package static let refused = Code(name: "refused")
    /// The peer, or the network on the way, cannot be reached.
    package static let unreachable = Code(name: "unreachable")
    /// The time given for it has passed.
    package static let timedOut = Code(name: "timedOut")
    /// The peer has gone without an orderly end.
    package static let reset = Code(name: "reset")
    /// The process or the system has no descriptor or memory to spare.
    package static let noDescriptor = Code(name: "noDescriptor")
    /// The delegate has left more bytes unconsumed than the stream may hold.
    package static let inputLimit = Code(name: "inputLimit")
    /// The system refuses: permissions, a missing folder and the like.
    package static let denied = Code(name: "denied")
  }

  /// What kind of failure it was.
  package let code: Code
  /// What was tried.
  package let call: String
  /// The `errno` of the call, or 0.
  package let number: Int32

  /// Whether the same may succeed a little later.
  package var isRetriable: Bool {
    [.refused, .unreachable, .timedOut, .reset, .noDescriptor].contains(code)
  }

  init(_ code: Code, call: String, number: Int32 = 0) {
    self.code = code
    self.call = call
    self.number = number
  }

  /// An error of a system call that has just failed.
  init(call: String, number: Int32) {
    self.init(Self.code(of: number), call: call, number: number)
  }

  package var description: String {
    number == 0 ? "stream: \(call): \(code.name)" : "stream: \(call): \(unsafe String(cString: strerror(number)))"
  }

  private static func code(of number: Int32) -> Code {
    switch number {
    case EADDRINUSE: .addressInUse
    case ECONNREFUSED, ENOENT, EAGAIN: .refused
    case ETIMEDOUT: .timedOut
    case EHOSTUNREACH, ENETUNREACH, ENETDOWN: .unreachable
    case EMFILE, ENFILE, ENOBUFS, ENOMEM: .noDescriptor
    case EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENAMETOOLONG: .invalidAddress
    case EACCES, EPERM, EROFS, ENOTDIR, ELOOP: .denied
    default: .reset
    }
  }
}
