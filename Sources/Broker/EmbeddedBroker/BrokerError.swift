/// Why a broker does not start, or does not go on.
package struct BrokerError: Error, Equatable, CustomStringConvertible {
  /// What kind of reason.
  package struct Code: Hashable, Sendable {
    package let name: String
    package static let folderInUse = Code(name: "folder_in_use")
    package static let folderUnusable = Code(name: "folder_unusable")
    package static let damaged = Code(name: "damaged")
    package static let address = Code(name: "address")
    package static let settings = Code(name: "settings")
    package static let resources = Code(name: "resources")
  }

  package let code: Code
  /// What was wrong, where, and what to do.
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
