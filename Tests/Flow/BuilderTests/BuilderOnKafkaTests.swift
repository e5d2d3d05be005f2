import Builder
import CatalogueView
import CodeArchive
import CodeStore
import EventLoop
import LogContracts
import LogRecords
import MillraceDomain
import RealServers
import Testing

/// From submission to version, with the real controller and Apache Kafka.
@Suite(.serialized, .enabled(if: ApacheKafkaFixture.isAvailable, Comment(rawValue: ApacheKafkaFixture.absence)))
struct BuilderOnKafkaTests {
  private static let source = Array("def handler(event, context):\n  return event\n".utf8)

  private static func zip(_ files: [(String, [UInt8])]) -> [UInt8] {
    var writer = ZipWriter()
    for (path, bytes) in files { writer.add(path, bytes) }
    return writer.finished()
  }

  @Test(.timeLimit(.minutes(2))) func `What is uploaded becomes versions whose package has the handler`() async throws {
    try await LoopRunner.run { loop in
      let world = try await BuilderWorld.open(loop)
      await world.startBuilder()
      let archive = Self.zip([("lib/data.txt", [1, 2, 3]), ("app.py", Self.source)])
      let submissions = [
        try await world.submission("hello", Self.source, .python),
        try await world.submission("hello", archive, .zip),
        try await world.submission("hello", Self.source, .python, handler: "pkg/main.run"),
      ]
      let paths = [["app.py"], ["app.py", "lib/data.txt"], ["pkg/main.py"]]
      for (number, submission) in submissions.enumerated() {
        let deployment = try await world.deploy(submission)
        #expect(deployment.state == .active && deployment.version?.number == Int32(number + 1), "\(deployment)")
        let version = try #require(world.view.tables.latestVersion(of: submission.function, in: .standard))
        #expect(version.deployment == submission.deployment && version.configuration == submission.configuration)
        let package = try CodeArchive(try await world.store.fetch(version.code))
        #expect(package.entries.map(\.path) == paths[number])
      }
      try await world.close()
    }
  }

  @Test(.timeLimit(.minutes(2))) func `A repeated submission changes nothing`() async throws {
    try await LoopRunner.run { loop in
      let world = try await BuilderWorld.open(loop)
      await world.startBuilder()
      let submission = try await world.submission("hello", Self.source, .python)
      let first = try await world.deploy(submission)
      for _ in 0..<3 { try await world.send(submission) }
      let next = try await world.deploy(try await world.submission("hello", Self.source, .python))
      #expect(first.version?.number == 1 && next.version?.number == 2)
      #expect(world.view.tables.versions(of: submission.function, in: .standard).count == 2)
      // The same code is on the log once, whatever the number of its versions.
      let references = Set(world.view.tables.versions(of: submission.function, in: .standard).map(\.code))
      #expect(references.count == 1)
      try await world.close()
    }
  }

  @Test(.timeLimit(.minutes(2))) func `What cannot become a version fails with a reason that says what to do`()
    async throws
  {
    try await LoopRunner.run { loop in
      let world = try await BuilderWorld.open(loop)
      await world.startBuilder()
      let gone = CodeReference(
        digest: try CodeDigest(bytes: [UInt8](repeating: 1, count: 32)), partition: 0, firstOffset: 0, byteCount: 5,
        chunkCount: 1)
      var lost = try await world.submission("hello", Self.source, .python)
      lost.upload = gone
      let escape = ZipWriterWithEscape.bytes
      let cases: [(SubmissionRecord, String)] = [
        (try await world.submission("hello", Array("def handler(:\n".utf8), .python), "app.py, line 1"),
        (try await world.submission("hello", Self.zip([("main.py", Self.source)]), .zip), "needs app.py"),
        (
          try await world.submission(
            "hello", Self.zip([("app.py", Self.source), ("requirements.txt", Array("requests\n".utf8))]), .zip),
          "requirements.txt is not supported yet"
        ),
        (try await world.submission("hello", Self.source, .python, runtime: "python3.99"), "there are python3."),
        (try await world.submission("hello", Array("no zip".utf8), .zip), "not a zip archive"),
        (try await world.submission("hello", escape, .zip), "leads elsewhere"),
        (lost, "the upload is lost"),
      ]
      for (submission, reason) in cases {
        let deployment = try await world.deploy(submission)
        #expect(deployment.state == .failed)
        #expect(deployment.reason?.contains(reason) == true, "\(deployment.reason ?? "no reason")")
      }
      #expect(world.view.tables.functions(in: .standard).isEmpty)
      try await world.close()
    }
  }

  @Test(.timeLimit(.minutes(2))) func `What is no submission goes to deadletters, and the next one is built`()
    async throws
  {
    try await LoopRunner.run { loop in
      let world = try await BuilderWorld.open(loop)
      await world.startBuilder()
      try await world.send(
        OutgoingRecord(
          topic: TopicDeclaration.submissions.name, key: nil, value: Array("junk".utf8), headers: RecordHeaders()))
      try await world.send(try await world.submission("unregistered", Self.source, .python))
      let deployment = try await world.deploy(try await world.submission("hello", Self.source, .python))
      #expect(deployment.state == .active)
      let letters = try await world.deadLetters(2)
      #expect(letters.map(\.reasonCode) == ["missing_header", "unprocessable"])
      #expect(letters[0].originalValue == Array("junk".utf8))
      try await world.close()
    }
  }

  /// Killed at any point, a builder leaves its submission to the next one: the offset is committed last.
  @Test(.timeLimit(.minutes(2))) func `A submission sent while no builder runs is built by the next`() async throws {
    try await LoopRunner.run { loop in
      let world = try await BuilderWorld.open(loop)
      let submission = try await world.submission("hello", Self.source, .python)
      try await world.register(submission)
      try await world.send(submission)
      await world.startBuilder()
      #expect(await world.finished(submission.deployment).state == .active)
      try await world.close()
    }
  }

  /// Another with the same name in the group takes its place: the log tells the first that it is out for good.
  @Test(.timeLimit(.minutes(2))) func `A builder whose log client failed for good ends with an error`() async throws {
    try await LoopRunner.run { loop in
      let world = try await BuilderWorld.open(loop)
      let first = await world.makeBuilder(instanceID: "builder")
      #expect(try await world.deploy(try await world.submission("hello", Self.source, .python)).state == .active)
      await world.startBuilder(instanceID: "builder")
      let error = await #expect(throws: BuilderError.self) { try await first.value }
      #expect(error?.code == .log)
      #expect(try await world.deploy(try await world.submission("hello", Self.source, .python)).state == .active)
      try await world.close()
    }
  }
}

/// An archive of ours with one byte range changed: `ab` becomes `..`.
private enum ZipWriterWithEscape {
  static var bytes: [UInt8] {
    var writer = ZipWriter()
    writer.add("ab/app.py", [1])
    var bytes = writer.finished()
    let name = Array("ab/app.py".utf8)
    for start in 0..<bytes.count - name.count where bytes[start..<start + name.count].elementsEqual(name) {
      bytes.replaceSubrange(start..<start + 2, with: [0x2e, 0x2e])
    }
    return bytes
  }
}
