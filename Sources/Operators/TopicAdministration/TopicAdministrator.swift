package import EventLog
package import EventLoop
package import LogContracts

/// Brings the topics of a cluster to what is declared: the only thing that makes or changes topics.
///
/// Used on the loop of its admin client.
package struct TopicAdministrator: Sendable {
  private let loop: EventLoop
  private let admin: LogAdmin
  private let declared: [TopicDeclaration]
  private let losses: TopicRules.Losses

  /// An administrator of the cluster that the admin client, which is on the loop, is connected to. `losses` allows, for this run, changes by which
  /// records are deleted that are kept now.
  package init(
    loop: EventLoop, admin: LogAdmin, declared: [TopicDeclaration] = TopicDeclaration.all,
    losses: TopicRules.Losses = .refused
  ) {
    self.loop = loop
    self.admin = admin
    self.declared = declared
    self.losses = losses
  }

  /// Each declared topic as it is, nil where it is not there, in the order of the declarations.
  ///
  /// - Throws: ``EventLogError``.
  package func list() async throws -> [(declaration: TopicDeclaration, topic: ClusterTopic?)] {
    let cluster = try await cluster()
    return declared.map { declaration in
      (declaration, cluster.topics.first { $0.name == declaration.name })
    }
  }

  /// In what the cluster is not as declared; empty where all is well.
  ///
  /// - Throws: ``EventLogError``, `unreachable` or `timedOut` where no broker answers. Retry.
  package func diff() async throws -> [TopicDifference] {
    TopicRules.differences(declared: declared, cluster: try await cluster(), losses: losses)
  }

  /// Does what is to be done about each difference, and waits, within a bound, until brokers show it and partitions have leaders.
  ///
  /// May be repeated, also while another does the same.
  ///
  /// - Returns: What was done and what was refused.
  /// - Throws: ``EventLogError``. What was done until then stays done.
  package func apply() async throws -> TopicApplication {
    let differences = try await diff()
    var application = TopicApplication()
    for difference in differences {
      switch difference.remedy {
      case .create(let creation): try await create(difference.topic, creation)
      case .addPartitions(_, let to): try await admin.createPartitions(difference.topic, count: Int(to))
      case .changeConfiguration: break
      case .refused:
        application.refused.append(difference)
        continue
      }
      application.done.append(difference)
    }
    for (topic, changes) in settings(of: differences) { try await admin.alterSettings(ofTopic: topic, changes) }
    if !application.done.isEmpty { try await waitUntilVisible() }
    return application
  }

  private func create(_ name: String, _ creation: TopicCreation) async throws {
    let specification = TopicSpecification(
      name: name, partitionCount: Int(creation.partitions), replicationFactor: Int(creation.replicationFactor),
      configuration: creation.configuration)
    do { try await admin.createTopics([specification]) } catch let error as EventLogError
      where error.code == .topicExists
    {
      // Another administrator was faster; whether it made the same is for the next diff to say.
    }
  }

  /// The settings to change, by topic in order: the client writes all settings of a topic at once.
  private func settings(of differences: [TopicDifference]) -> [(topic: String, changes: [String: String?])] {
    var changed: [(topic: String, changes: [String: String?])] = []
    for difference in differences {
      guard case .changeConfiguration(let key, _, let to) = difference.remedy else { continue }
      if changed.last?.topic != difference.topic { changed.append((difference.topic, [:])) }
      changed[changed.count - 1].changes[key] = .some(to)
    }
    return changed
  }

  private func cluster() async throws -> ClusterTopics {
    let brokerCount = try await admin.brokerCount(within: admin.timeout)
    let descriptions = try await admin.topics()
    var topics: [ClusterTopic] = []
    for declaration in declared {
      guard let description = descriptions[declaration.name] else { continue }
      topics.append(
        ClusterTopic(
          name: declaration.name, partitions: Int32(clamping: description.partitionCount),
          replicationFactor: Int32(clamping: description.replicationFactor),
          configuration: try await configuration(of: declaration.name)))
    }
    return ClusterTopics(brokerCount: Int32(clamping: brokerCount), topics: topics)
  }

  private func configuration(of name: String) async throws -> [String: String] {
    let settings = try await admin.settings(ofTopic: name)
    return settings.filter { $1.isSetForTopic || !TopicRules.Setting.countWhereSet.contains($0) }.mapValues(\.value)
  }

  /// A broker learns of a change a moment after the answer, and a new partition gets its leader then. Gives up quietly:
  /// whoever uses the topics waits for them too.
  private func waitUntilVisible() async throws {
    for _ in 0..<TopicAdministrationLimits.visibilityChecks {
      if try await isVisible() { return }
      try await loop.sleep(for: TopicAdministrationLimits.visibilityCheckInterval)
    }
  }

  private func isVisible() async throws -> Bool {
    do {
      let descriptions = try await admin.topics()
      let haveLeaders = declared.allSatisfy { declaration in
        guard let description = descriptions[declaration.name] else { return false }
        return description.partitionsWithLeader == description.partitionCount
      }
      guard haveLeaders else { return false }
      return try await diff().allSatisfy { $0.refusal != nil }
    } catch let error as EventLogError where error.isRetriable {
      return false
    }
  }
}
