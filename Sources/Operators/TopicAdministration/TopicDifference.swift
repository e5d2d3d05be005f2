/// One thing in which a cluster is not as declared, and what would be done about it.
package struct TopicDifference: Hashable, Sendable, CustomStringConvertible {
  /// What is done about a difference.
  package enum Remedy: Hashable, Sendable {
    /// The topic is not there and is made.
    case create(TopicCreation)
    /// Partitions are added.
    case addPartitions(from: Int32, to: Int32)
    /// A setting is changed; `from` is nil where the cluster did not say.
    case changeConfiguration(key: String, from: String?, to: String)
    /// Nothing is done.
    case refused(TopicRefusal)
  }

  /// The topic's full name.
  package var topic: String
  /// What is done about it.
  package var remedy: Remedy

  /// A difference from its parts.
  package init(topic: String, remedy: Remedy) {
    self.topic = topic
    self.remedy = remedy
  }

  /// The refusal, where it is one.
  package var refusal: TopicRefusal? {
    switch remedy {
    case .create, .addPartitions, .changeConfiguration: nil
    case .refused(let refusal): refusal
    }
  }

  /// One line without the topic's name, for people.
  package var explanation: String {
    switch remedy {
    case .create(let creation):
      "create with \(creation.partitions) partitions, \(creation.replicationFactor) copies, "
        + creation.configuration.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    case .addPartitions(let from, let to): "add partitions: \(from) -> \(to)"
    case .changeConfiguration(let key, let from, let to): "set \(key): \(from ?? "unknown") -> \(to)"
    case .refused(let refusal): "refused: \(refusal.reason)"
    }
  }

  package var description: String { "\(topic): \(explanation)" }
}

/// What a topic is made with.
package struct TopicCreation: Hashable, Sendable {
  /// How many partitions.
  package var partitions: Int32
  /// How many copies of each.
  package var replicationFactor: Int32
  /// Settings by Kafka's names.
  package var configuration: [String: String]

  /// A creation from its parts.
  package init(partitions: Int32, replicationFactor: Int32, configuration: [String: String]) {
    self.partitions = partitions
    self.replicationFactor = replicationFactor
    self.configuration = configuration
  }
}

/// Why a difference is left as it is.
package struct TopicRefusal: Hashable, Sendable {
  /// What kind of reason.
  package enum Kind: String, Hashable, Sendable {
    /// Records would be deleted that are kept now. Done where losses are allowed explicitly.
    case wouldLoseRecords = "would_lose_records"
    /// Records would no longer be where readers look for them, or partitions would have to be taken away. Never done.
    case wouldBreakAddressing = "would_break_addressing"
    /// It needs a reassignment of replicas, which is for the operator to plan. Nothing is wrong with what is there.
    case needsReassignment = "needs_reassignment"
  }

  /// What kind of reason.
  package var kind: Kind
  /// What is the matter and what can be done, for people.
  package var reason: String

  /// A refusal from its parts.
  package init(_ kind: Kind, _ reason: String) {
    self.kind = kind
    self.reason = reason
  }

  /// Whether the platform must not run on the topic as it is: a record's partition would not mean what it should.
  package var forbidsRunning: Bool {
    switch kind {
    case .wouldBreakAddressing: true
    case .wouldLoseRecords, .needsReassignment: false
    }
  }
}
