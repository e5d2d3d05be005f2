internal import Glibc

/// Why the loop could not do what it was asked.
package struct EventLoopError: Error, CustomStringConvertible, Equatable {
  /// What kind of refusal it was.
  package struct Code: Hashable, Sendable {
    let name: String
    /// The process or the system has no descriptor to spare. Retry when one is closed.
    package static let noDescriptor = Code(name: "noDescriptor")
    /// The kernel does not watch this descriptor.
    package static let notWatchable = Code(name: "notWatchable")
    /// A thread could not be started.
    package static let noThread = Code(name: "noThread")
    /// A queue is full: the work was not taken. Retry later.
    package static let queueFull = Code(name: "queueFull")
  }

  /// What kind of refusal it was.
  package let code: Code
  /// The system call that refused, and its `errno`.
  package let call: String
  /// The `errno` of the call, or 0.
  package let number: Int32

  /// An error of a system call that has just failed: reads `errno`.
  init(_ code: Code, call: String, number: Int32 = errno) {
    self.code = code
    self.call = call
    self.number = number
  }

  package var description: String { "event loop: \(call) refused: \(unsafe String(cString: strerror(number)))" }
}
