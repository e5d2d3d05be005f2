import FoundationEssentials
import LogContracts
import LogRecords
import Testing
import YAML

/// Holds together what `topics/` says, what the code declares, and the golden samples.
@Suite struct TopicFilesTests {
  @Test("there is one file for each topic, and no other")
  func filesAreComplete() {
    let names = TopicDeclaration.all.map { "topics/\($0.name.dropFirst("millrace.".count)).yaml" }
    #expect(Repository.files(below: "topics", ending: ".yaml") == names.sorted())
  }

  @Test("each file says what the code declares", arguments: TopicDeclaration.all)
  func declarationsAgree(topic: TopicDeclaration) throws {
    let yaml = try TopicFile(topic).yaml
    #expect(yaml["name"]?.text == topic.name)
    #expect(yaml["partitions"]?.integer == Int64(topic.partitions))
    #expect(yaml["canGrow"]?.boolean == topic.canGrow)
    #expect(yaml["cleanup"]?.text == topic.cleanup.rawValue)
    #expect(yaml["retentionMilliseconds"]?.integer == topic.retentionMilliseconds)
    #expect(yaml["maximumMessageBytes"]?.integer == Int64(topic.maximumMessageBytes))
    #expect(yaml["segmentMilliseconds"]?.integer == topic.segmentMilliseconds)
    #expect(yaml["segmentBytes"]?.integer == topic.segmentBytes.map { Int64($0) })
    switch topic.sync {
    case .asTheBroker: #expect(yaml["sync"]?.text == "broker")
    case .never: #expect(yaml["sync"]?.text == "never")
    case .every(let milliseconds): #expect(yaml["sync"]?.integer == milliseconds)
    }
    #expect(yaml["recordType"]?.text == topic.recordType)
    #expect(yaml["schemaVersion"]?.integer == topic.schemaVersion)
    for key in ["title", "description", "key", "value"] { #expect(yaml[key]?.text?.isEmpty == false, "\(key)") }
    for key in ["writers", "readers"] { #expect(yaml[key]?.elements?.isEmpty == false, "\(key)") }
  }

  @Test("the samples on disk are those the code encodes, byte for byte")
  func samplesAreGolden() throws {
    let samples = try SampleRecords.all()
    if ProcessInfo.processInfo.environment["MILLRACE_WRITE_SAMPLES"] != nil { try write(samples) }
    #expect(Repository.files(below: "topics/samples", ending: ".json") == samples.map(path).sorted())
    for sample in samples {
      #expect(
        try Repository.text(path(sample)) == String(decoding: sample.record.json, as: UTF8.self), "\(path(sample))")
    }
  }

  @Test("each sample decodes and encodes again to the same key, headers and value", arguments: TopicDeclaration.all)
  func samplesRoundTrip(topic: TopicDeclaration) throws {
    for sample in try samples(of: topic) {
      let encoded = try TopicCodec.reencoded(sample.consumed)
      if sample.isCanonical {
        #expect(SampleRecord(encoded, partition: sample.partition) == sample)
      } else {
        let again = try TopicCodec.reencoded(SampleRecord(encoded, partition: sample.partition).consumed)
        #expect(again == encoded)
      }
    }
  }

  @Test("what the samples have in headers and what the files declare is the same", arguments: TopicDeclaration.all)
  func headersAreDeclared(topic: TopicDeclaration) throws {
    let file = try TopicFile(topic)
    var unseen = Set(file.headers.map(\.name))
    for sample in try samples(of: topic) {
      for header in sample.headers {
        let declared = try #require(file.header(header.name), "\(header.name) is in no file")
        unseen.remove(declared.name)
        if let text = header.text { #expect(try declared.accepts(text), "\(header.name): \(text)") }
      }
      for declared in file.headers where declared.isRequired {
        #expect(sample.headers.contains { $0.name == declared.name }, "\(declared.name)")
      }
    }
    #expect(unseen == [], "declared, and in no sample")
  }

  @Test("the examples in the files are of the declared form", arguments: TopicDeclaration.all)
  func examplesFit(topic: TopicDeclaration) throws {
    for header in try TopicFile(topic).headers { #expect(try header.accepts(header.example), "\(header.name)") }
  }

  @Test("a required header is required, an optional one may be left out", arguments: TopicDeclaration.all)
  func requirementsHold(topic: TopicDeclaration) throws {
    let file = try TopicFile(topic)
    for sample in try samples(of: topic) {
      for header in sample.headers {
        let declared = try #require(file.header(header.name))
        let consumed = sample.consumed(sample.headers.filter { $0.name != header.name })
        let isNeeded =
          declared.isRequired
          || sample.headers.contains { $0.name == declared.requiredWith }
        if isNeeded {
          #expect(throws: ContractError(.missingHeader, "\(header.name) is missing")) {
            try TopicCodec.reencoded(consumed)
          }
        } else {
          #expect(throws: Never.self, "\(header.name)") { try TopicCodec.reencoded(consumed) }
        }
      }
    }
  }

  @Test("the generated documents are up to date")
  func documentsAreUpToDate() throws {
    let check = try #require(
      PipedCommand.run("/usr/bin/env", ["python3", "\(Repository.root)/script/asyncapi", "--check"]))
    #expect(check.status == 0, "\(check.output)")
  }

  @Test(
    "the AsyncAPI document is valid",
    .enabled(if: AsyncAPIValidator.path != nil, "the AsyncAPI validator or node is absent"))
  func documentIsValid() throws {
    let validator = try #require(AsyncAPIValidator.path)
    let check = try #require(
      PipedCommand.run("/usr/bin/env", ["node", validator, "\(Repository.root)/topics/asyncapi.json"]))
    #expect(check.status == 0, "\(check.output)")
  }

  private func path(_ sample: (topic: TopicDeclaration, name: String, record: SampleRecord)) -> String {
    "topics/samples/\(sample.topic.name)/v\(sample.topic.schemaVersion)/\(sample.name).json"
  }

  private func samples(of topic: TopicDeclaration) throws -> [SampleRecord] {
    let folder = "topics/samples/\(topic.name)/v\(topic.schemaVersion)"
    let paths = Repository.files(below: folder, ending: ".json")
    try #require(!paths.isEmpty)
    return try paths.map { try JSONDecoder().decode(SampleRecord.self, from: Data(Repository.text($0).utf8)) }
  }

  private func write(_ samples: [(topic: TopicDeclaration, name: String, record: SampleRecord)]) throws {
    for sample in samples {
      let file = "\(Repository.root)/\(path(sample))"
      let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(sample.record.json).write(to: URL(filePath: file))
    }
  }
}

/// The official AsyncAPI parser, where there is one.
enum AsyncAPIValidator {
  static var path: String? {
    let environment = ProcessInfo.processInfo.environment["MILLRACE_ASYNCAPI_VALIDATOR"]
    let path = environment ?? "\(Repository.root)/../shared/asyncapi/validate.cjs"
    let hasNode = PipedCommand.run("/usr/bin/env", ["node", "--version"])?.status == 0
    return hasNode && FileManager.default.fileExists(atPath: path) ? path : nil
  }
}
