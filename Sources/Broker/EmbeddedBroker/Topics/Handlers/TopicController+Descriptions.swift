internal import Glibc
internal import KafkaWire
internal import PartitionLog

extension TopicController {
  /// DescribeLogDirs: there is one folder.
  func answer(_ request: DescribeLogDirsRequest) async -> DescribeLogDirsResponse {
    let (snapshot, directory) = (table.snapshot, directory)
    let topics: [DescribeLogDirsResponse.Topic]
    if let asked = request.topics {
      topics = asked.compactMap { asked in
        snapshot.topic(asked.topic).map { size($0, $0.partitions.filter { asked.partitions.contains($0.index) }) }
      }
    } else {
      topics = snapshot.topics.map { size($0, $0.partitions) }
    }
    let room = try? await onDisk { DiskRoom(of: directory) }
    return DescribeLogDirsResponse { response in
      response.results = [
        DescribeLogDirsResponse.LogDirectory {
          $0.logDir = directory
          $0.topics = topics.filter { !$0.partitions.isEmpty }
          $0.totalBytes = room?.totalBytes ?? -1
          $0.usableBytes = room?.usableBytes ?? -1
        }
      ]
    }
  }

  private func size(_ topic: Topic, _ partitions: [Partition]) -> DescribeLogDirsResponse.Topic {
    DescribeLogDirsResponse.Topic { described in
      described.name = topic.name
      described.partitions = partitions.map { partition in
        DescribeLogDirsResponse.Partition {
          $0.partitionIndex = partition.index
          $0.partitionSize = partition.withLog { $0.byteCount }
        }
      }
    }
  }

  /// DescribeProducers: those whose sequence is remembered.
  func answer(_ request: DescribeProducersRequest) -> DescribeProducersResponse {
    let snapshot = table.snapshot
    return DescribeProducersResponse { response in
      response.topics = request.topics.map { asked in
        DescribeProducersResponse.TopicResponse { described in
          described.name = asked.name
          described.partitions = asked.partitionIndexes.map { producers(asked.name, $0, snapshot) }
        }
      }
    }
  }

  private func producers(
    _ topic: String, _ index: Int32, _ snapshot: TopicTable.Snapshot
  ) -> DescribeProducersResponse.PartitionResponse {
    var described = DescribeProducersResponse.PartitionResponse()
    described.partitionIndex = index
    do throws(TopicRefusal) {
      try TopicRules.checkName(topic)
      guard let topic = snapshot.topic(topic) else {
        throw TopicRefusal(.unknownTopicOrPartition, "This server does not host this topic-partition.")
      }
      guard let partition = topic.partition(index) else { throw TopicRefusal(.unknownTopicOrPartition) }
      described.activeProducers = partition.withLog { $0.activeProducers }.map { producer in
        DescribeProducersResponse.ProducerState {
          $0.producerID = producer.id
          $0.producerEpoch = Int32(producer.epoch)
          $0.lastSequence = producer.lastSequence
          $0.lastTimestamp = producer.lastTimestamp
          $0.coordinatorEpoch = -1
        }
      }
    } catch {
      described.errorCode = error.code
      described.errorMessage = error.message
    }
    return described
  }
}

/// How much a file system holds.
private struct DiskRoom: Sendable {
  let totalBytes: Int64
  let usableBytes: Int64

  /// Of the file system that the folder is on; nil where it does not say.
  init?(of folder: String) {
    var status = statvfs()
    guard unsafe statvfs(folder, &status) == 0 else { return nil }
    totalBytes = Int64(clamping: UInt64(status.f_frsize) * UInt64(status.f_blocks))
    usableBytes = Int64(clamping: UInt64(status.f_frsize) * UInt64(status.f_bavail))
  }
}

extension BrokerIdentity {
  private static let mismatchedEndpointType = ErrorCode(rawValue: 114)
  private static let unsupportedEndpointType = ErrorCode(rawValue: 115)
  /// Create, alter, describe, cluster action, describe and alter configs, idempotent write: everything.
  private static let everything: Int32 = [5, 7, 8, 9, 10, 11, 12].reduce(0) { $0 | 1 << $1 }

  /// DescribeCluster: this broker, which is the controller too.
  func answer(_ request: DescribeClusterRequest) -> DescribeClusterResponse {
    DescribeClusterResponse { response in
      switch request.endpointType {
      case 1:
        response.clusterID = clusterID
        response.controllerID = BrokerOptions.nodeID
        response.brokers = [
          DescribeClusterResponse.Broker {
            $0.brokerID = BrokerOptions.nodeID
            $0.host = host
            $0.port = Int32(port)
          }
        ]
        if request.includeClusterAuthorizedOperations { response.clusterAuthorizedOperations = Self.everything }
      case 2:
        response.errorCode = Self.mismatchedEndpointType
        response.errorMessage =
          "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER"
      case let other:
        response.errorCode = Self.unsupportedEndpointType
        response.errorMessage = "Unsupported endpoint type \(other)"
      }
    }
  }
}
