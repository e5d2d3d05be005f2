import EventLoop
import KafkaWire
import PartitionLog
import Testing

@testable import EmbeddedBroker

/// A coordinator over a log in memory, without connections.
final class GroupsCoordinatorScene: Sendable {
  let loop: EventLoop
  let log: MemoryStateLog
  let coordinator: GroupCoordinator
  private let pool: BlockingPool
  private let topics: TopicsScene

  init(_ log: MemoryStateLog = MemoryStateLog(), rewriteBytes: Int = GroupLimits.rewriteBytes) async throws {
    topics = try TopicsScene()
    loop = topics.loop
    self.log = log
    pool = try BlockingPool(name: "groups", threads: 1, queueLimit: 100)
    if topics.table.snapshot.topic("t") == nil {
      _ = try await topics.controller.create(TopicWish(name: "t", partitionCount: 4))
    }
    coordinator = GroupCoordinator(
      loop: loop, topics: topics.table,
      identity: BrokerIdentity(clusterID: "c", host: "h", port: AdvertisedPort()), rewriteBytes: rewriteBytes,
      clock: { 1_000_000 })
  }

  func start() async throws {
    let loaded = try LoadedGroups(log)
    await onLoop { [self] in coordinator.serve(loaded, from: log, pool: pool) }
  }

  func remove() { topics.remove() }

  /// Runs the closure on the loop, and what it sets going on the loop.
  @discardableResult
  func onLoop<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    let value = await withCheckedContinuation { done in loop.execute { done.resume(returning: body()) } }
    await withCheckedContinuation { done in loop.execute { done.resume() } }
    return value
  }

  /// Asks, and waits for the answer; the disk catches up meanwhile.
  func ask<Response: Sendable>(
    _ body: @escaping @Sendable (GroupCoordinator, @escaping @Sendable (Response) -> Void) -> Void
  ) async -> Response {
    let (coordinator, log) = (coordinator, log)
    return await withCheckedContinuation { done in
      loop.execute {
        body(coordinator) { done.resume(returning: $0) }
        log.settle()
      }
    }
  }

  func context(version: Int16) -> RequestContext {
    RequestContext(loop: loop, version: version, clientID: "client", clientHost: "127.0.0.1")
  }

  // MARK: requests

  static func commit(
    _ group: String, _ offset: Int64, partition: Int32 = 0, member: String = "", generation: Int32 = -1,
    note: String = "", topic: String = "t"
  ) -> OffsetCommitRequest {
    OffsetCommitRequest { request in
      request.groupID = group
      request.memberID = member
      request.generationID = generation
      request.topics = [
        OffsetCommitRequest.Topic {
          $0.name = topic
          $0.partitions = [
            OffsetCommitRequest.Partition {
              $0.partitionIndex = partition
              $0.committedOffset = offset
              $0.committedMetadata = note
            }
          ]
        }
      ]
    }
  }

  func commit(_ request: OffsetCommitRequest) async -> ErrorCode {
    let response: OffsetCommitResponse = await ask { $0.commit(request, reply: $1) }
    return response.topics[0].partitions[0].errorCode
  }

  func committed(_ group: String, _ partition: Int32 = 0) async -> Int64? {
    await onLoop { [self] in coordinator.offsets.offset(of: group, PartitionName("t", partition))?.offset }
  }

  func join(_ group: String, member: String = "") async -> JoinGroupResponse {
    let context = context(version: 3)
    let request = JoinGroupRequest {
      $0.groupID = group
      $0.memberID = member
      $0.sessionTimeoutMilliseconds = 10_000
      $0.rebalanceTimeoutMilliseconds = 10_000
      $0.protocolType = "consumer"
      $0.protocols = [
        JoinGroupRequest.GroupProtocol {
          $0.name = "range"
          $0.metadata = [0, 1, 0, 0, 0, 1, 0, 1, 0x74]
        }
      ]
    }
    return await ask { $0.join(request, context, reply: $1) }
  }

  func sync(_ group: String, _ joined: JoinGroupResponse) async -> SyncGroupResponse {
    let request = SyncGroupRequest {
      $0.groupID = group
      $0.memberID = joined.memberID
      $0.generationID = joined.generationID
      $0.assignments = joined.members.map { member in
        SyncGroupRequest.Assignment {
          $0.memberID = member.memberID
          $0.assignment = [7]
        }
      }
    }
    return await ask { $0.sync(request, reply: $1) }
  }

  func leave(_ group: String, _ member: String) async -> ErrorCode {
    let context = context(version: 1)
    let request = LeaveGroupRequest {
      $0.groupID = group
      $0.memberID = member
    }
    let response: LeaveGroupResponse = await ask { $0.leave(request, context, reply: $1) }
    return response.errorCode
  }

  func heartbeat(_ group: String, _ member: String, _ generation: Int32) async -> ErrorCode {
    let request = HeartbeatRequest {
      $0.groupID = group
      $0.memberID = member
      $0.generationID = generation
    }
    let response: HeartbeatResponse = await ask { $0.heartbeat(request, reply: $1) }
    return response.errorCode
  }

  func delete(_ group: String) async -> ErrorCode {
    let request = DeleteGroupsRequest { $0.groupNames = [group] }
    let response: DeleteGroupsResponse = await ask { $0.delete(request, reply: $1) }
    return response.results[0].errorCode
  }
}
