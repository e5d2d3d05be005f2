internal import EventLoop
internal import KafkaWire

/// Metadata: this broker, and the topics that are asked for. A topic that is not there may be made, and is there at the next
/// question.
struct MetadataHandler: Sendable {
  private let topics: TopicTable
  private let identity: BrokerIdentity
  private let missing: @Sendable (String) -> ErrorCode

  /// `missing` is told of a topic that is not there and may be made: what to answer for it now.
  init(_ topics: TopicTable, _ identity: BrokerIdentity, missing: @escaping @Sendable (String) -> ErrorCode) {
    self.topics = topics
    self.identity = identity
    self.missing = missing
  }

  func handle(_ request: MetadataRequest, _ context: RequestContext, reply: (MetadataResponse) -> Void) {
    let snapshot = topics.snapshot
    reply(
      MetadataResponse { response in
        response.brokers = [
          MetadataResponse.Broker {
            $0.nodeID = BrokerOptions.nodeID
            $0.host = identity.host
            $0.port = Int32(identity.port)
          }
        ]
        response.clusterID = identity.clusterID
        response.controllerID = BrokerOptions.nodeID
        // Null is all; version 0 has no null, and none is all there.
        if let wanted = request.topics, !(wanted.isEmpty && context.version == 0) {
          let mayMake = context.version < 4 || request.allowAutoTopicCreation
          response.topics = wanted.map { find($0, in: snapshot, mayMake: mayMake) }
        } else {
          response.topics = snapshot.topics.map(describe)
        }
      })
  }

  private func find(
    _ wanted: MetadataRequest.Topic, in snapshot: TopicTable.Snapshot, mayMake: Bool
  ) -> MetadataResponse.Topic {
    guard let name = wanted.name else {
      if let topic = snapshot.topic(wanted.topicID) { return describe(topic) }
      return MetadataResponse.Topic {
        $0.errorCode = .unknownTopicID
        $0.name = nil
        $0.topicID = wanted.topicID
      }
    }
    if let topic = snapshot.topic(name) { return describe(topic) }
    return MetadataResponse.Topic {
      $0.errorCode = verdict(name, mayMake: mayMake)
      $0.name = name
    }
  }

  private func verdict(_ name: String, mayMake: Bool) -> ErrorCode {
    do throws(TopicRefusal) { try TopicRules.checkName(name) } catch { return error.code }
    return mayMake ? missing(name) : .unknownTopicOrPartition
  }

  private func describe(_ topic: Topic) -> MetadataResponse.Topic {
    MetadataResponse.Topic { description in
      description.name = topic.name
      description.topicID = topic.id
      description.isInternal = topic.isInternal
      description.partitions = topic.partitions.map { partition in
        MetadataResponse.Partition {
          $0.partitionIndex = partition.index
          $0.leaderID = BrokerOptions.nodeID
          $0.leaderEpoch = 0
          $0.replicaNodes = [BrokerOptions.nodeID]
          $0.isrNodes = [BrokerOptions.nodeID]
        }
      }
    }
  }
}

/// How clients know the broker.
package struct BrokerIdentity: Sendable {
  /// The cluster's identifier.
  package let clusterID: String
  /// The host that clients are told to connect to.
  package let host: String
  /// Where the port there is known.
  package let advertised: AdvertisedPort
  /// The port there.
  package var port: UInt16 { UInt16(advertised.value) }

  package init(clusterID: String, host: String, port: AdvertisedPort) {
    self.clusterID = clusterID
    self.host = host
    advertised = port
  }
}
