import FoundationEssentials
import Glibc
import SimulationKit

/// What a client was answered: each fact has a name, and says in words or numbers what came.
struct ClientFacts: Equatable, Sendable {
  let values: [String: String]

  /// The facts of a line that a client printed.
  ///
  /// - Parameter prefix: what the names began with that the client made: it is another in each run.
  init(line: String, prefix: String = "") throws {
    let text = prefix.isEmpty ? line : line.replacing(prefix, with: "PREFIX")
    values = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
  }

  /// Each fact that is not as it was recorded, in words.
  func differences(from recorded: ClientFacts) -> [String] {
    Set(values.keys).union(recorded.values.keys).sorted().compactMap { name in
      let (mine, theirs) = (values[name], recorded.values[name])
      return mine == theirs ? nil : "\(name): \(mine ?? "nothing") where Apache Kafka answers \(theirs ?? "nothing")"
    }
  }

  /// A file of the folder `Recorded`: the facts that a client met on Apache Kafka.
  struct Recording: Sendable {
    let name: String

    /// Whether this run records anew what Apache Kafka answers.
    static let isWanted = getenv("MILLRACE_RECORD_CLIENTS") != nil

    private var path: String {
      "\(ProjectFolder.path)/Tests/EndToEnd/BrokerClientsTests/Recorded/\(name).json"
    }

    func read() throws -> ClientFacts {
      guard let bytes = FileManager.default.contents(atPath: path) else { throw ClientFailure("no file \(path)") }
      return try ClientFacts(line: String(decoding: bytes, as: UTF8.self))
    }

    func write(_ facts: ClientFacts) throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try (encoder.encode(facts.values) + Data("\n".utf8)).write(to: URL(filePath: path))
    }
  }
}
