internal import KafkaWire
internal import PartitionLog

/// What the partitions of a fetch have at one moment: little of it in memory, and of the rest where it stands.
struct FetchCollection: Sendable {
  private(set) var response = FetchResponse()
  /// Bytes of records.
  private(set) var byteCount = 0
  private(set) var hasError = false
  /// What to wait for where this is not enough.
  private(set) var waits: [(partition: Partition, highWatermark: Int64)] = []
  /// Of each partition in order, the records that are not in the response.
  private var slices: [LogSlice?] = []
  /// Whether records stand elsewhere.
  private(set) var hasSlices = false
  private var heldBytesLeft: Int
  private let limit: Int
  private let reach: ReadReach

  /// Looks at the partitions; nil where the disk has to be looked at and may not be.
  ///
  /// - Parameters:
  ///   - limit: bytes of records at most, but for a first batch that is larger.
  ///   - heldBytes: bytes of records in memory at most.
  init?(
    _ request: FetchRequest, of topics: TopicTable.Snapshot, limit: Int, heldBytes: Int, reach: ReadReach
  ) {
    self.limit = limit
    self.reach = reach
    heldBytesLeft = heldBytes
    for topic in request.topics {
      let known = topics.topic(topic.topic)
      var found = FetchResponse.TopicResponse { $0.topic = topic.topic }
      for wanted in topic.partitions {
        var data = FetchResponse.PartitionData {
          $0.partitionIndex = wanted.partition
          $0.abortedTransactions = Self.abortedTransactions(request)
          $0.records = []
        }
        guard let slice = look(wanted, known?.partition(wanted.partition), &data) else { return nil }
        slices.append(slice.isEmpty ? nil : slice)
        found.partitions.append(data)
      }
      response.responses.append(found)
    }
  }

  /// An answer that refuses every partition for the same reason.
  static func refusal(of request: FetchRequest, _ code: ErrorCode) -> FetchResponse {
    FetchResponse { response in
      response.responses = request.topics.map { topic in
        FetchResponse.TopicResponse { refused in
          refused.topic = topic.topic
          refused.partitions = topic.partitions.map { wanted in
            FetchResponse.PartitionData {
              $0.partitionIndex = wanted.partition
              $0.errorCode = code
              $0.highWatermark = -1
              $0.lastStableOffset = -1
              $0.logStartOffset = -1
              $0.abortedTransactions = abortedTransactions(request)
              $0.records = []
            }
          }
        }
      }
    }
  }

  /// Who reads only what is committed gets a list of aborted transactions, of which there are none; others get no list.
  private static func abortedTransactions(_ request: FetchRequest) -> [FetchResponse.AbortedTransaction]? {
    request.isolationLevel == 1 ? [] : nil
  }

  /// What is to be read of one partition elsewhere; nil where the disk has to be looked at.
  private mutating func look(
    _ wanted: FetchRequest.Partition, _ partition: Partition?, _ data: inout FetchResponse.PartitionData
  ) -> LogSlice? {
    guard let partition else { return refuse(&data, .unknownTopicOrPartition) }
    guard wanted.currentLeaderEpoch <= 0 else { return refuse(&data, .unknownLeaderEpoch) }
    do throws(PartitionLogError) {
      let left = limit - byteCount
      let (bounds, slice) = try partition.look(
        from: wanted.fetchOffset, maximumBytes: min(Int(wanted.partitionMaxBytes), left), reach)
      data.highWatermark = bounds.highWatermark
      data.lastStableOffset = bounds.highWatermark
      data.logStartOffset = bounds.logStartOffset
      guard let slice else { return nil }
      waits.append((partition, bounds.highWatermark))
      guard !slice.isEmpty, byteCount == 0 || left > 0 else { return .empty }
      return try take(slice, left: left, &data)
    } catch {
      data.highWatermark = -1
      data.lastStableOffset = -1
      data.logStartOffset = -1
      return refuse(&data, error.code)
    }
  }

  /// Only the first batch of an answer may be larger than what is left.
  private mutating func take(
    _ slice: LogSlice, left: Int, _ data: inout FetchResponse.PartitionData
  ) throws(PartitionLogError) -> LogSlice? {
    if slice.byteLimit <= heldBytesLeft {
      guard let bytes = try slice.read(reach) else { return nil }
      guard byteCount == 0 || bytes.count <= left else { return .empty }
      data.records = bytes
      heldBytesLeft -= bytes.count
      byteCount += bytes.count
      return .empty
    }
    let isSlow = slice.isChecked && slice.byteLimit > BrokerLimits.checkedOnLoopBytes
    guard reach == .disk || !isSlow, let measured = try slice.measured(reach) else { return nil }
    guard byteCount == 0 || measured.byteLimit <= left else { return .empty }
    hasSlices = true
    byteCount += measured.byteLimit
    return measured
  }

  private mutating func refuse(_ data: inout FetchResponse.PartitionData, _ code: ErrorCode) -> LogSlice {
    hasError = true
    data.errorCode = code
    return .empty
  }

  /// The errors that partitions tell.
  var errors: [ErrorCode] {
    guard hasError else { return [] }
    return response.responses.flatMap { $0.partitions.map(\.errorCode) }.filter { $0 != .none }
  }

  /// The answer's frame, in the order in which it is sent.
  func parts(_ header: RequestHeader) throws(WireError) -> [PiecedAnswer.Part] {
    let partitions = response.responses.flatMap(\.partitions)
    let frames = try response.frameParts(
      answering: header.correlationID, version: header.version,
      recordByteCounts: zip(partitions, slices).map { $1?.byteLimit ?? $0.records?.count ?? 0 })
    var parts: [PiecedAnswer.Part] = [.bytes(frames[0])]
    for (index, frame) in frames.dropFirst().enumerated() {
      if let slice = slices[index] {
        parts.append(.records(slice))
      } else if let records = partitions[index].records, !records.isEmpty {
        parts.append(.bytes(records))
      }
      parts.append(.bytes(frame))
    }
    return parts
  }
}
