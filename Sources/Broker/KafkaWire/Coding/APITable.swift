/// The versions of each API that we speak: enough for every client, and few enough to be whole.
package enum APITable {
  /// Whether a broker says that it has an API.
  package enum Offer: Sendable {
    /// Every listener says so.
    case advertised
    /// The codec knows it; no broker offers it.
    case codecOnly
  }

  /// What we speak of one API.
  package struct Entry: Equatable, Sendable {
    /// The API.
    package let key: APIKey
    /// The versions, all of which the codec knows.
    package let versions: ClosedRange<Int16>
    /// From which version on lengths have variable size and structures end in tagged fields.
    package let firstFlexibleVersion: Int16
    /// Whether clients are told of it.
    package let offer: Offer
  }

  /// Every API, by key.
  package static let entries: [Entry] = [
    // Versions 0–2 of Produce are answered with UNSUPPORTED_VERSION: librdkafka takes a broker without them to be one
    // that cannot decompress (KAFKA-18659).
    entry(.produce, 0...9, flexible: 9),
    entry(.fetch, 4...12, flexible: 12),
    entry(.listOffsets, 1...7, flexible: 6),
    entry(.metadata, 0...12, flexible: 9),
    entry(.offsetCommit, 2...8, flexible: 8),
    entry(.offsetFetch, 1...8, flexible: 6),
    // librdkafka asks for version 0 to see whether a broker has groups at all.
    entry(.findCoordinator, 0...4, flexible: 3),
    entry(.joinGroup, 2...7, flexible: 6),
    entry(.heartbeat, 0...4, flexible: 4),
    entry(.leaveGroup, 0...5, flexible: 4),
    entry(.syncGroup, 0...5, flexible: 4),
    entry(.describeGroups, 0...5, flexible: 5),
    entry(.listGroups, 0...4, flexible: 3),
    entry(.saslHandshake, 0...1, flexible: .max, .codecOnly),
    entry(.apiVersions, 0...4, flexible: 3),
    entry(.createTopics, 2...7, flexible: 5),
    entry(.deleteTopics, 1...6, flexible: 4),
    entry(.deleteRecords, 0...2, flexible: 2),
    entry(.initProducerID, 0...4, flexible: 2),
    entry(.offsetForLeaderEpoch, 2...4, flexible: 4),
    entry(.addPartitionsToTransaction, 0...3, flexible: 3, .codecOnly),
    entry(.addOffsetsToTransaction, 0...3, flexible: 3, .codecOnly),
    entry(.endTransaction, 0...3, flexible: 3, .codecOnly),
    entry(.transactionOffsetCommit, 0...3, flexible: 3, .codecOnly),
    entry(.describeConfigs, 1...4, flexible: 4),
    entry(.alterConfigs, 0...2, flexible: 2),
    entry(.describeLogDirs, 1...4, flexible: 2),
    entry(.saslAuthenticate, 0...2, flexible: 2, .codecOnly),
    entry(.createPartitions, 0...3, flexible: 2),
    entry(.deleteGroups, 0...2, flexible: 2),
    entry(.incrementalAlterConfigs, 0...1, flexible: 1),
    entry(.offsetDelete, 0...0, flexible: .max),
    entry(.describeCluster, 0...1, flexible: 0),
    entry(.describeProducers, 0...0, flexible: 0),
    entry(.describeTransactions, 0...0, flexible: 0, .codecOnly),
    entry(.listTransactions, 0...1, flexible: 0, .codecOnly),
  ]

  /// The APIs that clients are told of, by key.
  package static let advertised = entries.filter { $0.offer == .advertised }

  /// What we speak of that API.
  package static func entry(for key: APIKey) -> Entry {
    guard let entry = byKey[Int(key.rawValue)] else { preconditionFailure("\(key) has no line in the table") }
    return entry
  }

  /// Whether that version of the API has lengths of variable size and tagged fields.
  package static func isFlexible(_ key: APIKey, _ version: Int16) -> Bool {
    version >= entry(for: key).firstFlexibleVersion
  }

  private static let byKey: [Entry?] = {
    var table = [Entry?](repeating: nil, count: Int(APIKey.allCases.map(\.rawValue).max() ?? 0) + 1)
    for entry in entries { table[Int(entry.key.rawValue)] = entry }
    return table
  }()

  private static func entry(
    _ key: APIKey, _ versions: ClosedRange<Int16>, flexible: Int16, _ offer: Offer = .advertised
  ) -> Entry {
    Entry(key: key, versions: versions, firstFlexibleVersion: flexible, offer: offer)
  }
}
