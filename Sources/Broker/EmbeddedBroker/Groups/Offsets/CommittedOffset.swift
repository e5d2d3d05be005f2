/// How far a group has come in a partition.
struct CommittedOffset: Sendable, Equatable {
  /// The first offset that is not done.
  var offset: Int64
  /// The epoch of the last record that is done; −1 is none.
  var leaderEpoch: Int32
  /// The client's note.
  var metadata: String
  /// When it was committed, in milliseconds since 1970.
  var committedMilliseconds: Int64
}
