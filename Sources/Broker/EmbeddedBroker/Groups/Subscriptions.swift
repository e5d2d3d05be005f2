internal import KafkaWire

/// What the members of a group of consumers read, from what they have told each other in the consumer protocol's form.
struct Subscriptions {
  /// The kind of group whose members speak that form.
  static let protocolType = "consumer"

  private var topics: Set<String> = []
  /// Whether somebody's words could not be read.
  private var isUnsure = false

  init(_ group: Group) {
    for member in group.members.values {
      do throws(WireError) {
        // All ways to share out have the same list of topics in front.
        topics.formUnion(try Self.topics(in: member.protocols.first?.metadata ?? []))
      } catch { isUnsure = true }
    }
  }

  /// Whether a member reads the topic, or may.
  func mayRead(_ topic: String) -> Bool { isUnsure || topics.contains(topic) }

  private static func topics(in metadata: [UInt8]) throws(WireError) -> [String] {
    var decoder = WireDecoder(metadata[...], version: 0, flexible: false)
    var (version, topics) = (Int16(0), [String]())
    try decoder.integer(&version)
    try decoder.array(&topics)
    return topics
  }
}
