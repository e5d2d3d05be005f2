/// Why the controller could not do what it was asked.
package struct ControllerError: Error, CustomStringConvertible {
  /// What kind of failure it was.
  package struct Code: Hashable, Sendable {
    let name: String
    /// The directory belongs to a running controller.
    package static let locked = Code(name: "locked")
    /// The disk refused a call. The controller stops: what is durable is no longer known.
    package static let storage = Code(name: "storage")
    /// A file contradicts itself in a place that was durable. Nothing is repaired; restore it or the directory.
    package static let corrupt = Code(name: "corrupt")
    /// A file was written by a later version of Millrace.
    package static let unknownFormat = Code(name: "unknownFormat")
    /// The topic `functions` says more than this directory knows: it belongs to another catalogue or an older backup.
    package static let foreignTopic = Code(name: "foreignTopic")
    /// More commands wait than the queue holds. Retry later.
    package static let overloaded = Code(name: "overloaded")
    /// The log cannot be reached or refused a change. Retry.
    package static let publication = Code(name: "publication")
    /// The settings do not say where to listen, or contradict each other.
    package static let configuration = Code(name: "configuration")
  }

  /// What kind of failure it was.
  package let code: Code
  /// What failed, safe to show.
  package let message: String
  /// What a library or the system said.
  package let underlying: String?

  /// A failure of the controller.
  package init(_ code: Code, _ message: String, underlying: String? = nil) {
    self.code = code
    self.message = message
    self.underlying = underlying
  }

  /// Whether the same call may succeed later.
  package var isRetriable: Bool { code == .overloaded || code == .publication }

  package var description: String { underlying.map { "controller: \(message): \($0)" } ?? "controller: \(message)" }
}
