/// What a group has committed for one partition.
package struct CommittedOffset: Sendable, Equatable {
  /// The offset of the next record to read.
  package let offset: Int64
  /// The text kept beside it, empty where there is none.
  package let metadata: String

  /// An offset and its text.
  package init(offset: Int64, metadata: String) {
    self.offset = offset
    self.metadata = metadata
  }
}
