package import EventLoop

/// A CPython on this host.
package struct PythonInterpreter: Sendable, Equatable {
  /// `python3.8` … `python3.13`.
  package let runtime: String
  /// The program, with no link or shim in the path.
  package let path: String
  /// `sys.base_prefix`.
  package let prefix: String
  /// The full version: `3.12.1`.
  package let version: String

  /// Finds every CPython 3.8–3.13, oldest first; the newest patch release of each.
  ///
  /// - Parameter extraPaths: further programs, or folders that hold them.
  package static func discover(extraPaths: [String] = [], on loop: EventLoop) async -> [PythonInterpreter] { [] }
}
