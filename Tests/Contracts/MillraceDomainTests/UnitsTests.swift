import FoundationEssentials
import MillraceDomain
import SimulationKit
import Testing

/// Numbers, digests, keys and states of the domain.
@Suite struct UnitsTests {
  @Test("versions count from 1", arguments: [(1, true), (Int32.max, true), (0, false), (-1, false), (.min, false)])
  func versions(number: Int32, isVersion: Bool) {
    #expect(((try? VersionNumber(number)) != nil) == isVersion)
  }

  @Test(
    "attempts are from 1 to a million",
    arguments: [(1, true), (1_000_000, true), (0, false), (1_000_001, false), (Int64.max, false), (.min, false)])
  func attempts(number: Int64, isAttempt: Bool) {
    #expect(((try? AttemptNumber(number)) != nil) == isAttempt)
  }

  @Test("what follows is next")
  func next() throws {
    #expect(VersionNumber.first.next == (try VersionNumber(2)))
    #expect(VersionNumber.first < VersionNumber.first.next)
    #expect(CatalogueIndex(0).next == CatalogueIndex(1))
  }

  @Test("numbers and times are plain numbers in JSON, and out of range there is refused")
  func json() throws {
    struct All: Codable, Equatable {
      var version: VersionNumber
      var index: CatalogueIndex
      var time: Timestamp
    }
    let all = All(version: .first, index: CatalogueIndex(.max), time: Timestamp(milliseconds: -1))
    let data = try JSONEncoder().encode(all)
    #expect(try JSONDecoder().decode(All.self, from: data) == all)
    #expect(throws: DomainError.self) { try JSONDecoder().decode(VersionNumber.self, from: Data("0".utf8)) }
  }

  @Test("a digest is 32 bytes or 64 hexadecimal digits, and prints in lower case")
  func digests() throws {
    let text = String(repeating: "Ab", count: 32)
    #expect(try CodeDigest(text).description == text.lowercased())
    #expect(try CodeDigest(bytes: Array(repeating: 0xab, count: 32)) == CodeDigest(text))
    for bad in ["", String(text.dropLast()), text + "00", String(repeating: "zz", count: 32)] {
      #expect(throws: DomainError.self) { try CodeDigest(bad) }
    }
    for count in [0, 31, 33] {
      #expect(throws: DomainError.self) { try CodeDigest(bytes: Array(repeating: 0, count: count)) }
    }
  }

  @Test("property: hexadecimal leads back to the same bytes")
  func hexadecimal() throws {
    try SeededProperty.holds { generator in
      let bytes = generator.bytes(count: 0...40)
      let text = Hexadecimal.text(of: bytes)
      try SeededProperty.claim(Hexadecimal.bytes(of: text) == bytes, text)
      try SeededProperty.claim(Hexadecimal.bytes(of: text.uppercased()) == bytes, text)
      try SeededProperty.claim(Hexadecimal.bytes(of: text + "0") == nil, text)
    }
  }

  @Test(
    "a reference to code has no numbers below 0 and at least one chunk",
    arguments: ["partition", "firstOffset", "byteCount", "chunkCount"])
  func codeReferences(field: String) throws {
    var fields = ["partition": 0, "firstOffset": 0, "byteCount": 0, "chunkCount": 1]
    func decode() throws -> CodeReference {
      let numbers = fields.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
      let json = "{\"digest\":\"\(String(repeating: "0", count: 64))\",\(numbers)}"
      return try JSONDecoder().decode(CodeReference.self, from: Data(json.utf8))
    }
    #expect(try decode().chunkCount == 1)
    fields[field, default: 0] -= 1
    #expect(throws: DomainError.self) { try decode() }
  }

  @Test("an identifier in JSON is a UUID of version 7")
  func identifiers() throws {
    var generator = SeededGenerator(seed: 1)
    let id = InvocationID(at: Timestamp(milliseconds: 5), using: &generator)
    #expect(id.time == Timestamp(milliseconds: 5))
    #expect(try JSONDecoder().decode(InvocationID.self, from: JSONEncoder().encode(id)) == id)
    #expect(throws: DomainError.self) { try JSONDecoder().decode(InvocationID.self, from: Data(#""x""#.utf8)) }
  }

  @Test("accepted and running lead on; every other state is an end")
  func states() {
    #expect(InvocationStatus.allCases.filter { !$0.isTerminal } == [.accepted, .running])
    #expect(
      InvocationStatus.allCases.map(\.rawValue) == [
        "accepted", "running", "succeeded", "failed", "timed_out", "out_of_memory", "cancelled", "expired", "dead",
      ])
  }

  @Test("the key of an entity leads back to it")
  func catalogueKeys() throws {
    var generator = SeededGenerator(seed: 2)
    let deployment = DeploymentID(at: Timestamp(milliseconds: 5), using: &generator)
    let token = TokenID(at: Timestamp(milliseconds: 5), using: &generator)
    let hello = try FunctionName("hello")
    let keys: [CatalogueKey] = [
      .function(.standard, hello), .version(.standard, hello, .first), .deployment(deployment), .token(token),
    ]
    for key in keys { #expect(CatalogueKey(key.description) == key) }
    #expect(keys[1].description == "version/default/hello/1")
  }

  @Test(
    "what is not letter by letter the key of an entity is none",
    arguments: [
      "", "function", "function/default", "function/default/a/b", "function//a", "version/default/a",
      "version/default/a/0",
      "version/default/a/01", "version/default/a/+1", "version/default/a/99999999999", "deployment/x",
      "deployment/017F22E2-79B0-7CC3-98C4-DC0C0C07398F", "token/", "Function/default/a", "other/x", "/",
      "function/default/a/",
    ])
  func noCatalogueKey(text: String) { #expect(CatalogueKey(text) == nil) }
}
