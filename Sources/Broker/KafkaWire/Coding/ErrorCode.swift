/// An answer's verdict, by Kafka's number. The set is open: a number without a name here passes through.
package struct ErrorCode: WireValue, Hashable, RawRepresentable, CustomStringConvertible {
  /// Kafka's number.
  package var rawValue: Int16 = 0

  package init() {}
  package init(rawValue: Int16) { self.rawValue = rawValue }

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.errorCode(&self)
  }

  package var description: String { "error \(rawValue)" }
}

extension ErrorCode {
  /// Something went wrong that has no number of its own.
  package static let unknownServerError = ErrorCode(rawValue: -1)
  /// All is well.
  package static let none = ErrorCode(rawValue: 0)
  /// The partition does not have that offset.
  package static let offsetOutOfRange = ErrorCode(rawValue: 1)
  /// The checksum of a batch is wrong.
  package static let corruptMessage = ErrorCode(rawValue: 2)
  /// There is no such topic or partition.
  package static let unknownTopicOrPartition = ErrorCode(rawValue: 3)
  /// The number of bytes to read makes no sense.
  package static let invalidFetchSize = ErrorCode(rawValue: 4)
  /// The partition is not ready yet. Retry.
  package static let leaderNotAvailable = ErrorCode(rawValue: 5)
  /// The broker does not hold the partition. Ask for the metadata anew.
  package static let notLeaderOrFollower = ErrorCode(rawValue: 6)
  /// The time that the request gave was not enough.
  package static let requestTimedOut = ErrorCode(rawValue: 7)
  /// The broker is not there.
  package static let brokerNotAvailable = ErrorCode(rawValue: 8)
  /// The replica is not there.
  package static let replicaNotAvailable = ErrorCode(rawValue: 9)
  /// A batch is larger than the topic allows.
  package static let messageTooLarge = ErrorCode(rawValue: 10)
  /// The note beside a committed offset is too long.
  package static let offsetMetadataTooLarge = ErrorCode(rawValue: 12)
  /// The coordinator still reads its log. Retry.
  package static let coordinatorLoadInProgress = ErrorCode(rawValue: 14)
  /// There is no coordinator now. Retry.
  package static let coordinatorNotAvailable = ErrorCode(rawValue: 15)
  /// Another broker coordinates this.
  package static let notCoordinator = ErrorCode(rawValue: 16)
  /// The topic's name is not allowed.
  package static let invalidTopicException = ErrorCode(rawValue: 17)
  /// The batches are larger than a segment may be.
  package static let recordListTooLarge = ErrorCode(rawValue: 18)
  /// Fewer replicas keep up than the topic wants.
  package static let notEnoughReplicas = ErrorCode(rawValue: 19)
  /// The records were appended, then replicas were lost.
  package static let notEnoughReplicasAfterAppend = ErrorCode(rawValue: 20)
  /// The number of acknowledgements is none of −1, 0, 1.
  package static let invalidRequiredAcks = ErrorCode(rawValue: 21)
  /// The group has another generation.
  package static let illegalGeneration = ErrorCode(rawValue: 22)
  /// The member has no protocol in common with the group.
  package static let inconsistentGroupProtocol = ErrorCode(rawValue: 23)
  /// The group's name is not allowed.
  package static let invalidGroupID = ErrorCode(rawValue: 24)
  /// The group does not know the member.
  package static let unknownMemberID = ErrorCode(rawValue: 25)
  /// The session timeout is not within the broker's bounds.
  package static let invalidSessionTimeout = ErrorCode(rawValue: 26)
  /// The group is sharing its partitions out anew.
  package static let rebalanceInProgress = ErrorCode(rawValue: 27)
  /// The committed offsets take too many bytes.
  package static let invalidCommitOffsetSize = ErrorCode(rawValue: 28)
  /// The client may not use the topic.
  package static let topicAuthorizationFailed = ErrorCode(rawValue: 29)
  /// The client may not use the group.
  package static let groupAuthorizationFailed = ErrorCode(rawValue: 30)
  /// The client may not change the cluster.
  package static let clusterAuthorizationFailed = ErrorCode(rawValue: 31)
  /// A record's time is too far from the broker's.
  package static let invalidTimestamp = ErrorCode(rawValue: 32)
  /// The broker does not know the way to authenticate.
  package static let unsupportedSASLMechanism = ErrorCode(rawValue: 33)
  /// The request does not fit the state of the authentication.
  package static let illegalSASLState = ErrorCode(rawValue: 34)
  /// The broker does not speak that version.
  package static let unsupportedVersion = ErrorCode(rawValue: 35)
  /// There is a topic of that name.
  package static let topicAlreadyExists = ErrorCode(rawValue: 36)
  /// The number of partitions is not allowed.
  package static let invalidPartitions = ErrorCode(rawValue: 37)
  /// The number of replicas is not allowed.
  package static let invalidReplicationFactor = ErrorCode(rawValue: 38)
  /// The assignment of replicas is not allowed.
  package static let invalidReplicaAssignment = ErrorCode(rawValue: 39)
  /// A setting is unknown, or its value is not allowed.
  package static let invalidConfig = ErrorCode(rawValue: 40)
  /// Another broker is the controller.
  package static let notController = ErrorCode(rawValue: 41)
  /// The request contradicts itself.
  package static let invalidRequest = ErrorCode(rawValue: 42)
  /// The format of the batches does not know the feature.
  package static let unsupportedForMessageFormat = ErrorCode(rawValue: 43)
  /// A policy of the broker or the topic forbids it.
  package static let policyViolation = ErrorCode(rawValue: 44)
  /// A batch is missing before this one.
  package static let outOfOrderSequenceNumber = ErrorCode(rawValue: 45)
  /// The batch was appended before.
  package static let duplicateSequenceNumber = ErrorCode(rawValue: 46)
  /// The producer was fenced by a newer one.
  package static let invalidProducerEpoch = ErrorCode(rawValue: 47)
  /// The transaction's state does not allow it.
  package static let invalidTransactionState = ErrorCode(rawValue: 48)
  /// The transactional id belongs to another producer.
  package static let invalidProducerIDMapping = ErrorCode(rawValue: 49)
  /// The transaction's timeout is not within the broker's bounds.
  package static let invalidTransactionTimeout = ErrorCode(rawValue: 50)
  /// The last transaction is still being ended. Retry.
  package static let concurrentTransactions = ErrorCode(rawValue: 51)
  /// Another coordinator has taken the transaction over.
  package static let transactionCoordinatorFenced = ErrorCode(rawValue: 52)
  /// The client may not use the transactional id.
  package static let transactionalIDAuthorizationFailed = ErrorCode(rawValue: 53)
  /// The broker has no security to set up.
  package static let securityDisabled = ErrorCode(rawValue: 54)
  /// Another part of the request failed, so this was not tried.
  package static let operationNotAttempted = ErrorCode(rawValue: 55)
  /// The disk refused. Retry.
  package static let kafkaStorageError = ErrorCode(rawValue: 56)
  /// The broker has no such folder.
  package static let logDirectoryNotFound = ErrorCode(rawValue: 57)
  /// The client is not who it says.
  package static let saslAuthenticationFailed = ErrorCode(rawValue: 58)
  /// Nothing is known of the producer any more.
  package static let unknownProducerID = ErrorCode(rawValue: 59)
  /// Partitions are being moved.
  package static let reassignmentInProgress = ErrorCode(rawValue: 60)
  /// The group has members.
  package static let nonEmptyGroup = ErrorCode(rawValue: 68)
  /// There is no such group.
  package static let groupIDNotFound = ErrorCode(rawValue: 69)
  /// There is no such fetch session.
  package static let fetchSessionIDNotFound = ErrorCode(rawValue: 70)
  /// The fetch session is at another place.
  package static let invalidFetchSessionEpoch = ErrorCode(rawValue: 71)
  /// The leader has no listener of that name.
  package static let listenerNotFound = ErrorCode(rawValue: 72)
  /// Topics may not be deleted.
  package static let topicDeletionDisabled = ErrorCode(rawValue: 73)
  /// The client knows an older leader.
  package static let fencedLeaderEpoch = ErrorCode(rawValue: 74)
  /// The client knows a newer leader than the broker.
  package static let unknownLeaderEpoch = ErrorCode(rawValue: 75)
  /// The version does not know the compression.
  package static let unsupportedCompressionType = ErrorCode(rawValue: 76)
  /// The leader does not know yet how far readers may go. Retry.
  package static let offsetNotAvailable = ErrorCode(rawValue: 78)
  /// The member must join again with the name that it was given.
  package static let memberIDRequired = ErrorCode(rawValue: 79)
  /// The group has as many members as it may.
  package static let groupMaxSizeReached = ErrorCode(rawValue: 81)
  /// Another process has taken the static member over.
  package static let fencedInstanceID = ErrorCode(rawValue: 82)
  /// The group still reads the topic.
  package static let groupSubscribedToTopic = ErrorCode(rawValue: 86)
  /// A record or a batch breaks a rule.
  package static let invalidRecord = ErrorCode(rawValue: 87)
  /// A transaction that commits offsets is still open. Retry.
  package static let unstableOffsetCommit = ErrorCode(rawValue: 88)
  /// The client changed too much in too short a time.
  package static let throttlingQuotaExceeded = ErrorCode(rawValue: 89)
  /// A newer producer has the transactional id.
  package static let producerFenced = ErrorCode(rawValue: 90)
  /// There is no such resource.
  package static let resourceNotFound = ErrorCode(rawValue: 91)
  /// A resource is named twice.
  package static let duplicateResource = ErrorCode(rawValue: 92)
  /// There is no topic of that identifier.
  package static let unknownTopicID = ErrorCode(rawValue: 100)
  /// The topic has another identifier.
  package static let inconsistentTopicID = ErrorCode(rawValue: 103)
  /// There is no such transactional id.
  package static let transactionalIDNotFound = ErrorCode(rawValue: 105)
}
