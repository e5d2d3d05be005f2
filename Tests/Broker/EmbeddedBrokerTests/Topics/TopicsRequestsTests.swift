import KafkaWire
import PartitionLog
import Testing

@testable import EmbeddedBroker

/// What Apache Kafka 4.3 answered to the same requests.
@Suite(.timeLimit(.minutes(1)))
struct TopicsRequestsTests {
  private func create(_ names: String..., partitions: Int32 = 1, configs: [String: String] = [:]) -> CreateTopicsRequest
  {
    CreateTopicsRequest { request in
      request.topics = names.map { name in
        CreateTopicsRequest.Topic { topic in
          topic.name = name
          topic.numPartitions = partitions
          topic.replicationFactor = 1
          topic.configs = configs.map { key, value in
            CreateTopicsRequest.Config {
              $0.name = key
              $0.value = value
            }
          }
        }
      }
    }
  }

  @Test func `topics are created`() async throws {
    let scene = try TopicsScene()
    defer { scene.remove() }
    let answer = await scene.controller.answer(create("a", "b", "b", "..", configs: ["retention.ms": "5"])).topics
    #expect(answer.map(\.name) == ["a", "b", ".."])
    #expect(answer.map(\.errorCode) == [.none, .invalidRequest, .invalidTopicException])
    #expect(answer[1].errorMessage == "Duplicate topic name.")
    #expect(answer.map(\.numPartitions) == [1, -1, -1])
    #expect(answer.map(\.replicationFactor) == [1, -1, -1])
    #expect(answer[0].topicID == scene.table.snapshot.topic("a")?.id)
    let configs = try #require(answer[0].configs)
    #expect(configs.count == 33)
    let retention = try #require(configs.first { $0.name == "retention.ms" })
    #expect(retention.value == "5")
    #expect(retention.configSource == 1)
    #expect(configs.first { $0.name == "flush.ms" }?.configSource == 5)
    #expect(answer[1].configs == [])
  }

  @Test func `topics are deleted`() async throws {
    let scene = try TopicsScene()
    defer { scene.remove() }
    _ = await scene.controller.answer(create("a", "b", "c"))
    let id = try #require(scene.table.snapshot.topic("b")).id
    let byName = await scene.controller.answer(
      DeleteTopicsRequest { $0.topicNames = ["a", "zzz", "c", "c"] }, version: 5
    ).responses
    #expect(byName.map(\.name) == ["a", "zzz", "c"])
    #expect(byName.map(\.errorCode) == [.none, .unknownTopicOrPartition, .invalidRequest])
    func asked(_ name: String?, _ id: WireUUID) -> DeleteTopicsRequest.Topic {
      DeleteTopicsRequest.Topic {
        $0.name = name
        $0.topicID = id
      }
    }
    let byID = await scene.controller.answer(
      DeleteTopicsRequest { request in
        request.topics = [
          asked(nil, id), asked(nil, WireUUID(high: 7, low: 7)), asked("c", id), asked(nil, .zero), asked("c", .zero),
        ]
      }, version: 6
    ).responses
    #expect(byID.map(\.errorCode) == [.none, .unknownTopicID, .invalidRequest, .invalidRequest, .none])
    #expect(byID.map(\.name) == ["b", nil, "c", nil, "c"])
    #expect(byID[3].errorMessage == "Neither topic name nor id were specified.")
    #expect(byID[4].topicID != .zero)
    #expect(scene.table.snapshot.topics.isEmpty)
  }

  private func deleteRecords(_ scene: TopicsScene, _ topic: String, _ offsets: [(Int32, Int64)]) async
    -> [DeleteRecordsResponse.PartitionResponse]
  {
    await scene.controller.answer(
      DeleteRecordsRequest { request in
        request.topics = [
          DeleteRecordsRequest.Topic { asked in
            asked.name = topic
            asked.partitions = offsets.map { index, offset in
              DeleteRecordsRequest.Partition {
                $0.partitionIndex = index
                $0.offset = offset
              }
            }
          }
        ]
      }
    ).topics[0].partitions
  }

  @Test func `records are deleted`() async throws {
    let scene = try TopicsScene(flush: .never)
    defer { scene.remove() }
    _ = await scene.controller.answer(create("t", partitions: 2))
    _ = await scene.controller.answer(create("compact", configs: ["cleanup.policy": "compact"]))
    _ = await scene.controller.answer(create("both", configs: ["cleanup.policy": "compact,delete"]))
    _ = await scene.controller.answer(create("neither", configs: ["cleanup.policy": ""]))
    let partition = try #require(scene.table.partition("t", 0))
    for _ in 0..<5 {
      var builder = RecordBatchBuilder()
      builder.append(key: nil, value: [1], timestamp: 1_000)
      _ = partition.append(builder.finish()[...], origin: .client, nowMilliseconds: 2_000, .written)
    }
    let saved = scene.savedLogStarts
    let first = await deleteRecords(scene, "t", [(0, 2), (1, -1), (1, 1), (0, -5), (9, 0)])
    #expect(first.map(\.errorCode) == [.none, .none, .offsetOutOfRange, .offsetOutOfRange, .unknownTopicOrPartition])
    #expect(first.map(\.lowWatermark) == [2, 0, -1, -1, -1])
    #expect(partition.bounds.logStartOffset == 2)
    #expect(scene.savedLogStarts == saved + 1)
    #expect(await deleteRecords(scene, "t", [(0, 99)]).map(\.errorCode) == [.offsetOutOfRange])
    #expect(await deleteRecords(scene, "t", [(0, -1)]).map(\.lowWatermark) == [5])
    #expect(await deleteRecords(scene, "t", [(0, 1)]).map(\.lowWatermark) == [5])
    #expect(await deleteRecords(scene, "compact", [(0, 0)]).map(\.errorCode) == [.policyViolation])
    #expect(await deleteRecords(scene, "both", [(0, 0)]).map(\.errorCode) == [.none])
    #expect(await deleteRecords(scene, "neither", [(0, 0)]).map(\.errorCode) == [.none])
    #expect(await deleteRecords(scene, "zzz", [(0, 0)]).map(\.errorCode) == [.unknownTopicOrPartition])
  }

  private func describe(
    _ scene: TopicsScene, _ type: Int8, _ name: String, keys: [String]? = nil
  ) async -> DescribeConfigsResponse.ResourceResult {
    await scene.controller.answer(
      DescribeConfigsRequest { request in
        request.includeSynonyms = true
        request.resources = [
          DescribeConfigsRequest.Resource {
            $0.resourceType = type
            $0.resourceName = name
            $0.configurationKeys = keys
          }
        ]
      }
    ).results[0]
  }

  @Test func `configs are described`() async throws {
    let scene = try TopicsScene(start: ["num.partitions": "3"])
    defer { scene.remove() }
    _ = await scene.controller.answer(create("t", configs: ["retention.ms": "5", "internal.segment.bytes": "1000"]))
    let all = await describe(scene, 2, "t", keys: [])
    #expect(all.errorMessage == "")
    #expect(all.configs.count == 34)
    let some = await describe(scene, 2, "t", keys: ["retention.ms", "nope", "retention.ms"]).configs
    #expect(some.map(\.name) == ["retention.ms"])
    #expect(some[0].configType == 5)
    #expect(some[0].synonyms.map(\.source) == [1])
    #expect(some[0].documentation == nil)
    #expect(await describe(scene, 2, "zzz").errorCode == .unknownTopicOrPartition)
    #expect(await describe(scene, 2, "a b").errorCode == .invalidTopicException)
    #expect(
      await describe(scene, 4, "2").errorMessage == "Unexpected broker id, expected 1 or empty string, but received 2")
    #expect(await describe(scene, 4, "x").errorMessage == "Broker id must be an integer, but it is: x")
    #expect(await describe(scene, 99, "x").errorCode == .invalidRequest)
    #expect(await describe(scene, 4, "").configs == [])
    let partitions = try #require(await describe(scene, 4, "1", keys: ["num.partitions"]).configs.first)
    #expect(partitions.value == "3")
    #expect(partitions.configSource == 4)
    #expect(partitions.readOnly)
    #expect(partitions.synonyms.map(\.value) == ["3", "1"])
  }

  @Test func `configs are altered`() async throws {
    let scene = try TopicsScene()
    defer { scene.remove() }
    _ = await scene.controller.answer(create("t"))
    func incremental(_ type: Int8, _ names: String..., operation: Int8 = 0, value: String? = "5") async -> [ErrorCode] {
      await scene.controller.answer(
        IncrementalAlterConfigsRequest { request in
          request.resources = names.map { name in
            IncrementalAlterConfigsRequest.Resource { resource in
              resource.resourceType = type
              resource.resourceName = name
              resource.configs = [
                IncrementalAlterConfigsRequest.Config {
                  $0.name = type == 4 ? "log.retention.ms" : "retention.ms"
                  $0.configOperation = operation
                  $0.value = value
                }
              ]
            }
          }
        }
      ).responses.map(\.errorCode)
    }
    let partition = try #require(scene.table.partition("t", 0))
    #expect(await incremental(2, "t") == [.none])
    #expect(partition.withLog { $0.options.retentionMilliseconds } == 5)
    #expect(await incremental(2, "t", "t", value: "6") == [.invalidRequest, .invalidRequest])
    #expect(await incremental(2, "t", operation: 9) == [.invalidRequest])
    #expect(await incremental(2, "t", operation: 2) == [.invalidConfig])
    #expect(await incremental(2, "t", value: "x") == [.invalidConfig])
    #expect(await incremental(2, "zzz") == [.unknownTopicOrPartition])
    #expect(await incremental(2, "a b") == [.invalidTopicException])
    #expect(await incremental(77, "t") == [.invalidRequest])
    #expect(await incremental(4, "2") == [.invalidRequest])
    #expect(await incremental(4, "1", value: "7") == [.none])
    #expect(await incremental(2, "t", operation: 1, value: nil) == [.none])
    #expect(partition.withLog { $0.options.retentionMilliseconds } == 7)
    #expect(await incremental(4, "", value: "8") == [.none])
    let every = await describe(scene, 4, "").configs
    #expect(every.map(\.name) == ["log.retention.ms"])
    #expect(every.map(\.configSource) == [3])
  }

  @Test func `sizes and producers`() async throws {
    let scene = try TopicsScene()
    defer { scene.remove() }
    _ = await scene.controller.answer(create("t", partitions: 2))
    var builder = RecordBatchBuilder()
    builder.producerID = 7
    builder.producerEpoch = 1
    builder.baseSequence = 0
    builder.append(key: nil, value: [1], timestamp: 1_000)
    let batch = builder.finish()
    _ = try #require(scene.table.partition("t", 1)).append(
      batch[...], origin: .client, nowMilliseconds: 2_000, .written)
    let directory = await scene.controller.answer(DescribeLogDirsRequest()).results[0]
    #expect(directory.logDir == scene.directory)
    #expect(directory.topics.map(\.name) == ["t"])
    #expect(directory.topics[0].partitions.map(\.partitionSize) == [0, Int64(batch.count)])
    #expect(directory.totalBytes > 0)
    let none = await scene.controller.answer(DescribeLogDirsRequest { $0.topics = [] }).results
    #expect(none.map(\.topics) == [[]])
    let producers = await scene.controller.answer(
      DescribeProducersRequest { request in
        request.topics = [
          DescribeProducersRequest.Topic {
            $0.name = "t"
            $0.partitionIndexes = [0, 1, 9]
          }
        ]
      }
    ).topics[0].partitions
    #expect(producers.map(\.errorCode) == [.none, .none, .unknownTopicOrPartition])
    #expect(producers.map { $0.activeProducers.map(\.producerID) } == [[], [7], []])
  }
}
