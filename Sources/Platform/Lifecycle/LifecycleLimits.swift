/// The bounds of a group's life.
package enum LifecycleLimits {
  /// How long services may drain, all together, unless the program says otherwise.
  package static let drainTime: Duration = .seconds(20)
}
