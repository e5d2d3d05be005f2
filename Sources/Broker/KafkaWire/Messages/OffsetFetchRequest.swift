/// Asks how far groups have read.
package struct OffsetFetchRequest: WireRequest {
  package typealias Response = OffsetFetchResponse
  package static let key = APIKey.offsetFetch

  /// The group.
  package var groupID: String = ""
  /// The topics; nil is all that the group has offsets of.
  package var topics: [Topic]?
  /// The groups.
  package var groups: [Group] = []
  /// Whether to wait for transactions that commit offsets.
  package var requireStable: Bool = false

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&groupID, until: 7)
    try coder.field(&topics, until: 7, nullableSince: 2)
    try coder.field(&groups, since: 8)
    try coder.field(&requireStable, since: 7)
    try coder.tags()
  }

  /// One topic.
  package struct Topic: WireStructure {
    /// The topic.
    package var name: String = ""
    /// Its partitions.
    package var partitionIndexes: [Int32] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&partitionIndexes)
      try coder.tags()
    }
  }

  /// What to look up of one group.
  package struct Group: WireStructure {
    /// The group.
    package var groupID: String = ""
    /// The topics; nil is all that the group has offsets of.
    package var topics: [Topic]?

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&groupID)
      try coder.field(&topics)
      try coder.tags()
    }
  }
}
