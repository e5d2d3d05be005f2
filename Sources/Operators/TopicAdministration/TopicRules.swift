package import LogContracts

/// How declared topics and those of a cluster are brought together. Pure. Topics are never deleted, and what a cluster has
/// besides the declared ones is nobody's business here.
package enum TopicRules {
  /// What is to happen where a change would delete records that are kept now.
  package enum Losses: Hashable, Sendable {
    /// It is refused.
    case refused
    /// It is done: somebody said so explicitly.
    case allowed
  }

  /// Names of the settings that are looked after.
  package enum Setting {
    package static let cleanup = "cleanup.policy"
    package static let retention = "retention.ms"
    package static let maximumMessage = "max.message.bytes"
    package static let minimumInSync = "min.insync.replicas"

    package static let syncMessages = "flush.messages"
    package static let syncInterval = "flush.ms"
    package static let segmentAge = "segment.ms"
    package static let segmentSize = "segment.bytes"

    /// All of them, in the order of differences.
    package static let all = [
      cleanup, retention, maximumMessage, minimumInSync, syncMessages, syncInterval, segmentAge, segmentSize,
    ]

    /// Those whose defaults say little of what a broker does: it follows another rule until they are set for the topic.
    package static let countWhereSet: Set<String> = [syncMessages, syncInterval]
  }

  /// In what the cluster is not as declared: by topic in the order of the declarations; of each topic partitions first,
  /// then copies, then settings. Nothing where all is well.
  package static func differences(
    declared: [TopicDeclaration], cluster: ClusterTopics, losses: Losses = .refused
  ) -> [TopicDifference] {
    let topics = Dictionary(cluster.topics.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    return declared.flatMap { declaration in
      let remedies: [TopicDifference.Remedy] =
        switch topics[declaration.name] {
        case nil: [.create(creation(of: declaration, brokerCount: cluster.brokerCount))]
        case let topic?: self.remedies(declaration, topic, cluster.brokerCount, losses)
        }
      return remedies.map { TopicDifference(topic: declaration.name, remedy: $0) }
    }
  }

  /// What a declared topic is made with: three copies where there are three brokers, of which two must have a record before
  /// it is acknowledged.
  package static func creation(of declaration: TopicDeclaration, brokerCount: Int32) -> TopicCreation {
    let replicationFactor = replicationFactor(brokerCount: brokerCount)
    return TopicCreation(
      partitions: declaration.partitions, replicationFactor: replicationFactor,
      configuration: configuration(of: declaration, replicationFactor: replicationFactor))
  }

  /// How many copies a partition gets: as many as there are brokers, at least 1 and at most 3.
  package static func replicationFactor(brokerCount: Int32) -> Int32 { min(3, max(1, brokerCount)) }

  /// The settings of a declared topic whose partitions have so many copies.
  package static func configuration(of declaration: TopicDeclaration, replicationFactor: Int32) -> [String: String] {
    var configuration = [
      Setting.cleanup: declaration.cleanup.rawValue,
      Setting.retention: String(declaration.retentionMilliseconds ?? -1),
      Setting.maximumMessage: String(declaration.maximumMessageBytes),
      // With two copies, waiting for both would stop the topic whenever one broker does.
      Setting.minimumInSync: replicationFactor >= 3 ? "2" : "1",
    ]
    switch declaration.sync {
    case .asTheBroker: break
    case .every(let milliseconds): configuration[Setting.syncInterval] = String(milliseconds)
    case .never:
      configuration[Setting.syncMessages] = String(Int64.max)
      configuration[Setting.syncInterval] = String(Int64.max)
    }
    configuration[Setting.segmentAge] = declaration.segmentMilliseconds.map { String($0) }
    configuration[Setting.segmentSize] = declaration.segmentBytes.map { String($0) }
    return configuration
  }

  private static func remedies(
    _ declaration: TopicDeclaration, _ topic: ClusterTopic, _ brokerCount: Int32, _ losses: Losses
  ) -> [TopicDifference.Remedy] {
    var remedies = partitionRemedies(declaration, topic)
    let wanted = replicationFactor(brokerCount: brokerCount)
    if topic.replicationFactor < wanted {
      remedies.append(
        .refused(
          TopicRefusal(
            .needsReassignment,
            "partitions have \(topic.replicationFactor) copies, \(wanted) are possible: kafka-reassign-partitions adds them"
          )))
    }
    let configuration = configuration(of: declaration, replicationFactor: topic.replicationFactor)
    for key in Setting.all {
      guard let to = configuration[key] else { continue }
      if let remedy = settingRemedy(key, from: topic.configuration[key], to: to, losses) { remedies.append(remedy) }
    }
    return remedies
  }

  private static func partitionRemedies(
    _ declaration: TopicDeclaration, _ topic: ClusterTopic
  ) -> [TopicDifference.Remedy] {
    let (have, want) = (topic.partitions, declaration.partitions)
    // Where partitions may be added, an operator may have added some.
    if have == want || declaration.canGrow && have > want { return [] }
    if declaration.canGrow { return [.addPartitions(from: have, to: want)] }
    let consequence =
      have < want
      ? "adding some would part records from those that refer to them by partition"
      : "Kafka takes none away"
    return [
      .refused(
        TopicRefusal(
          .wouldBreakAddressing,
          "it has \(have) partitions, \(want) are declared, and \(consequence); if it holds nothing of worth, delete it"
            + " with kafka-topics and apply again"))
    ]
  }

  private static func settingRemedy(
    _ key: String, from: String?, to: String, _ losses: Losses
  ) -> TopicDifference.Remedy? {
    if let from, isSame(key, from, to) { return nil }
    switch losses {
    case .allowed: break
    case .refused:
      if let reason = loss(key, from: from, to: to) { return .refused(TopicRefusal(.wouldLoseRecords, reason)) }
    }
    return .changeConfiguration(key: key, from: from, to: to)
  }

  private static func isSame(_ key: String, _ from: String, _ to: String) -> Bool {
    key == Setting.cleanup ? policies(from) == policies(to) : from == to
  }

  /// Which records a change would delete that are kept now; nil where it deletes none. What is not known may be anything,
  /// so a change from there may delete.
  private static func loss(_ key: String, from: String?, to: String) -> String? {
    switch key {
    case Setting.cleanup:
      let added = policies(to).subtracting(from.map(policies) ?? [])
      guard !added.isEmpty else { return nil }
      return "\(key) is \(from ?? "unknown"), \(to) is declared: \(added.sorted().joined(separator: " and "))"
        + " would remove records that are kept now"
    case Setting.retention:
      guard let wanted = Int64(to), wanted >= 0 else { return nil }
      let kept = from.flatMap { Int64($0) } ?? -1
      guard kept < 0 || kept > wanted else { return nil }
      return "\(key) is \(from ?? "unknown"), \(to) is declared: older records would be deleted"
    default: return nil
    }
  }

  private static func policies(_ text: String) -> Set<String> {
    Set(text.split(separator: ",").map { String($0.filter { $0 != " " }) })
  }
}
