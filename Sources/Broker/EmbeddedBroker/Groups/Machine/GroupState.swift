/// What a group is about.
enum GroupState: String, Sendable, CaseIterable {
  /// Nobody is in it. Next: `preparing`, `dead`.
  case empty = "Empty"
  /// Members have to join again. Next: `completing`, `empty` where nobody is left.
  case preparing = "PreparingRebalance"
  /// Members have joined, and wait for what the leader gives them. Next: `stable`, `preparing`.
  case completing = "CompletingRebalance"
  /// Each member has been given its part. Next: `preparing`.
  case stable = "Stable"
  /// The group is being deleted.
  case dead = "Dead"
}
