package import KafkaWire
package import PartitionLog

/// The folders of partitions: made, put aside when their topic is deleted, and removed. Every call blocks.
package struct TopicFolders: Sendable {
  private let store: PartitionStore
  private static let retiredSuffix = "-delete"

  /// The folders of a data folder.
  package init(_ store: PartitionStore) { self.store = store }

  /// Makes partitions that were not there, durably. Leaves nothing behind where it throws.
  package func make(
    _ topic: String, _ id: WireUUID, _ indices: Range<Int32>, _ options: LogOptions, nowMilliseconds now: Int64
  ) throws(PartitionLogError) -> [Partition] {
    do {
      let made = try ParallelWork.map(count: indices.count, threads: TopicLimits.openingThreads) { number in
        let index = indices.lowerBound + Int32(number)
        try putAside(topic, index)
        return try store.create(topic: topic, id: id, index: index, options: options, nowMilliseconds: now)
      }
      try store.files.syncDirectory(store.directory)
      return made
    } catch {
      discard(topic, indices)
      switch error {
      case let error as PartitionLogError: throw error
      case let other: throw PartitionLogError(.kafkaStorageError, "\(other)")
      }
    }
  }

  /// A folder of that name was not removed when its topic was deleted, or was left by a change that a crash cut short.
  private func putAside(_ topic: String, _ index: Int32) throws(PartitionLogError) {
    let folder = store.folder(topic, index)
    do throws(FileError) {
      guard try store.files.contents(of: "\(folder)/partition.metadata") != nil else { return }
      try store.files.rename(folder, to: retiredPath(topic, index))
    } catch { throw storage(error) }
  }

  /// Removes partitions that nobody has seen.
  package func discard(_ topic: String, _ indices: Range<Int32>) {
    // What cannot be removed now is put aside by the next start: no record of the metadata names it.
    for index in indices { try? store.files.removeDirectory(store.folder(topic, index)) }
  }

  /// Gives the folders of a deleted topic the names under which they are removed some time.
  package func retire(_ topic: String, _ indices: Range<Int32>) throws(FileError) {
    for index in indices {
      do throws(FileError) {
        try store.files.rename(store.folder(topic, index), to: retiredPath(topic, index))
      } catch  where error.isMissing {}
    }
    try store.files.syncDirectory(store.directory)
  }

  /// Removes what deleted topics have left. Answers with what could not be removed.
  package func removeRetired() throws(FileError) -> [FileError] {
    var failures: [FileError] = []
    for name in try store.files.names(in: store.directory) where name.hasSuffix(Self.retiredSuffix) {
      do throws(FileError) { try store.files.removeDirectory("\(store.directory)/\(name)") } catch {
        failures.append(error)
      }
    }
    return failures
  }

  /// `<topic>-<p>.<uuid>-delete`; the topic's name is cut where a file system would refuse the whole.
  private func retiredPath(_ topic: String, _ index: Int32) -> String {
    var random = SystemRandomNumberGenerator()
    let suffix = "-\(index).\(hexadecimal(random.next()))\(hexadecimal(random.next()))\(Self.retiredSuffix)"
    return "\(store.directory)/\(topic.prefix(TopicLimits.fileNameLength - suffix.count))\(suffix)"
  }

  private func hexadecimal(_ number: UInt64) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }

  private func storage(_ error: FileError) -> PartitionLogError { PartitionLogError(.kafkaStorageError, "\(error)") }
}

extension TopicFolders {
  /// What a start found besides the topics.
  package struct Findings: Sendable, Equatable {
    /// Partitions whose folder was not there, and was made anew, empty.
    package var missing: [PartitionName] = []
    /// Folders that were put aside: of deleted topics, and of changes that a crash cut short.
    package var retired: [String] = []
  }

  /// Opens the partitions of every topic, and puts aside what belongs to none.
  ///
  /// - Throws: `MetadataError` with `damaged` where a folder holds records of a topic that the metadata does not know;
  ///   `PartitionLogError` and `FileError` where the disk fails.
  package func open(
    _ image: MetadataImage, nowMilliseconds now: Int64, options: (MetadataTopic) -> LogOptions
  ) throws -> (topics: [Topic], findings: Findings) {
    var findings = Findings()
    let names = Set(try store.files.names(in: store.directory))
    let known = Dictionary(image.topics.values.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for name in names.sorted() {
      if try putAside(folder: name, known, image) { findings.retired.append(name) }
    }
    if !findings.retired.isEmpty { try store.files.syncDirectory(store.directory) }
    let gone = Set(findings.retired)
    let topics = image.topics.values.sorted { $0.name < $1.name }
    let places = topics.flatMap { topic in
      let options = options(topic)
      return (0..<topic.partitionCount).map { (topic: topic, options: options, index: $0) }
    }
    for place in places {
      let name = "\(place.topic.name)-\(place.index)"
      guard !names.contains(name) || gone.contains(name) else { continue }
      findings.missing.append(PartitionName(place.topic.name, place.index))
    }
    let store = store
    let opened = try ParallelWork.map(count: places.count, threads: TopicLimits.openingThreads) { number in
      let (topic, options, index) = places[number]
      return try store.open(topic: topic.name, id: topic.id, index: index, options: options, nowMilliseconds: now)
    }
    let partitions = Dictionary(grouping: opened, by: \.topicID)
    return (topics.map { Topic($0, partitions[$0.id] ?? []) }, findings)
  }

  /// Whether the folder belonged to no topic, and so was put aside.
  private func putAside(
    folder name: String, _ known: [String: MetadataTopic], _ image: MetadataImage
  ) throws -> Bool {
    guard let hyphen = name.lastIndex(of: "-"), let index = Int32(name[name.index(after: hyphen)...]), index >= 0,
      let metadata = try store.files.contents(of: "\(store.directory)/\(name)/partition.metadata")
    else { return false }
    let topic = String(name[..<hyphen])
    let id = Self.topicID(metadata)
    if let known = known[topic], known.id == id, index < known.partitionCount { return false }
    let isDeleted = id.map { image.deleted.contains($0) } ?? false
    guard try isDeleted || isEmpty(name) else {
      throw MetadataError.damaged(
        "\(store.directory)/\(name)", at: 0,
        "the folder holds records, and \(MetadataLog.logName) knows no such partition")
    }
    try store.files.rename("\(store.directory)/\(name)", to: retiredPath(topic, index))
    return true
  }

  private func isEmpty(_ name: String) throws -> Bool {
    let folder = "\(store.directory)/\(name)"
    return try store.files.names(in: folder).filter { $0.hasSuffix(".log") }.allSatisfy {
      try store.files.open("\(folder)/\($0)", .existing).byteCount() == 0
    }
  }

  private static func topicID(_ metadata: [UInt8]) -> WireUUID? {
    for line in String(decoding: metadata, as: UTF8.self).split(separator: "\n") where line.hasPrefix("topic_id:") {
      return WireUUID(String(line.dropFirst("topic_id:".count).drop { $0 == " " }))
    }
    return nil
  }
}

extension Topic {
  /// A topic that is served as the metadata has it.
  init(_ topic: MetadataTopic, _ partitions: [Partition]) {
    self.init(
      name: topic.name, id: topic.id, partitions: partitions, isInternal: TopicRules.internalNames.contains(topic.name))
  }
}
