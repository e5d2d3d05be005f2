internal import CRdKafka

/// Why the log did not do what it was asked.
package struct EventLogError: Error, CustomStringConvertible, Sendable {
  /// What kind of error it is.
  package struct Code: Hashable, Sendable {
    /// The name, as it stands in logs and metrics.
    package let name: String
    /// A setting is unknown or has a value that cannot be.
    package static let configuration = Code(name: "configuration")
    /// The client holds as many records as it may: the record was not taken. Retry when some are acknowledged.
    package static let queueFull = Code(name: "queueFull")
    /// The record is larger than the client or the topic allows.
    package static let tooLarge = Code(name: "tooLarge")
    /// There is no such topic or partition.
    package static let unknownTopic = Code(name: "unknownTopic")
    /// A topic of that name is there already.
    package static let topicExists = Code(name: "topicExists")
    /// There was no answer in time. Whether it was done is not known.
    package static let timedOut = Code(name: "timedOut")
    /// No broker answers at the addresses given.
    package static let unreachable = Code(name: "unreachable")
    /// The client was closed before it was done.
    package static let closed = Code(name: "closed")
    /// The group has changed its members: the partition may belong to another one.
    package static let rebalanced = Code(name: "rebalanced")
    /// Another client has taken this one's identity.
    package static let fenced = Code(name: "fenced")
    /// The broker knows who asks and does not allow it.
    package static let forbidden = Code(name: "forbidden")
    /// What is asked makes no sense to the broker: a configuration it does not know, fewer partitions than there are.
    package static let invalidRequest = Code(name: "invalidRequest")
    /// Anything else a broker or the library says; `underlyingName` tells.
    package static let other = Code(name: "other")
  }

  /// What kind of error it is.
  package let code: Code
  /// What happened, for people.
  package let message: String
  /// Whether the same request may succeed later.
  package let isRetriable: Bool
  /// Whether the client is of no more use and must be made anew.
  package let isFatal: Bool
  /// The library's number: Kafka's protocol errors are positive, the library's own are negative, 0 is none.
  package let underlyingCode: Int32
  /// The library's name of the number, such as `_MSG_TIMED_OUT`.
  package var underlyingName: String {
    unsafe String(cString: rd_kafka_err2name(rd_kafka_resp_err_t(rawValue: underlyingCode)))
  }

  package var description: String { "event log: \(code.name): \(message)" }

  init(_ code: Code, _ message: String, isRetriable: Bool = false) {
    self.code = code
    self.message = message
    self.isRetriable = isRetriable
    isFatal = false
    underlyingCode = 0
  }

  init(_ number: rd_kafka_resp_err_t, _ detail: String? = nil, isFatal: Bool = false) {
    code = EventLogError.code(of: number)
    message = if let detail { detail } else { unsafe String(cString: rd_kafka_err2str(number)) }
    isRetriable = !isFatal && EventLogError.retriable.contains(number.rawValue)
    self.isFatal = isFatal
    underlyingCode = number.rawValue
  }

  /// Takes the library's error object and destroys it.
  init(consuming error: OpaquePointer) {
    let number = unsafe rd_kafka_error_code(error)
    let text = unsafe String(cString: rd_kafka_error_string(error))
    let isFatal = unsafe rd_kafka_error_is_fatal(error) != 0
    unsafe rd_kafka_error_destroy(error)
    self.init(number, text, isFatal: isFatal)
  }

  private static func code(of number: rd_kafka_resp_err_t) -> Code {
    switch number {
    case RD_KAFKA_RESP_ERR__QUEUE_FULL: .queueFull
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE: .tooLarge
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
      RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      .unknownTopic
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: .topicExists
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
      RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
      .timedOut
    case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__RESOLVE,
      RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
      .unreachable
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, RD_KAFKA_RESP_ERR__DESTROY: .closed
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
      RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
      .rebalanced
    case RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, RD_KAFKA_RESP_ERR_PRODUCER_FENCED: .fenced
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR__AUTHENTICATION:
      .forbidden
    case RD_KAFKA_RESP_ERR__INVALID_ARG, RD_KAFKA_RESP_ERR_INVALID_CONFIG, RD_KAFKA_RESP_ERR_INVALID_PARTITIONS,
      RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, RD_KAFKA_RESP_ERR_INVALID_REQUEST,
      RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      .invalidRequest
    // The numbers are an open set of a library and its peers.
    default: .other
    }
  }

  private static let retriable: Set<Int32> = [
    RD_KAFKA_RESP_ERR__QUEUE_FULL, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT,
    RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR__TRANSPORT,
    RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
    RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
    RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
    RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
    RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
    RD_KAFKA_RESP_ERR__WAIT_COORD, RD_KAFKA_RESP_ERR__WAIT_CACHE, RD_KAFKA_RESP_ERR__NO_OFFSET,
    RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, RD_KAFKA_RESP_ERR_NOT_CONTROLLER,
  ].reduce(into: []) { $0.insert($1.rawValue) }
}
