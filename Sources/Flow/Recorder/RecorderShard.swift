internal import LogRecords

/// What is recorded by one recorder at a time: a partition number of tasks, results and logs, or one of the dead letters.
struct RecorderShard: Hashable {
  /// From 0; also the number of its advisory lock.
  let number: Int32
  /// The partitions that belong to it, and what they carry.
  let partitions: [TopicPartition: RecorderSource]

  static func all(of topics: RecorderOptions.Topics) -> [RecorderShard] {
    let tasks = (0..<topics.partitions).map { number in
      RecorderShard(
        number: number,
        partitions: [
          TopicPartition(topics.tasks, number): .tasks, TopicPartition(topics.results, number): .results,
          TopicPartition(topics.logs, number): .logs,
        ])
    }
    let letters = (0..<topics.deadLetterPartitions).map { number in
      RecorderShard(
        number: topics.partitions + number, partitions: [TopicPartition(topics.deadLetters, number): .deadLetters])
    }
    return tasks + letters
  }
}
