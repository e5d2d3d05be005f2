/// The bounds of one document.
package enum YAMLLimits {
  /// Bytes of a document.
  package static let documentBytes = 1 << 20
  /// How deep sequences and mappings lie in each other.
  package static let depth = 64
}
