import EventLoop
import FoundationEssentials
import Processes
import RealServers
import SimulationKit
import Testing

/// A program of the folder `Clients`: it uses a log through one client of Kafka, and prints the facts it met.
enum ClientProgram: String, CaseIterable, Sendable {
  case librdkafka
  case confluent
  case kafkaPython = "kafka_python"
  case aiokafka = "aio_kafka"
  case kcat
  case java

  /// Whether the client is installed.
  var isThere: Bool {
    switch self {
    case .librdkafka: Installed.isThere("cc")
    case .confluent, .kafkaPython, .aiokafka: Installed.clientPython != nil
    case .kcat: Installed.isThere("kcat")
    case .java: Installed.isThere("javac") && ApacheKafkaFixture.isAvailable
    }
  }

  /// What a skipped test says.
  var absence: String {
    switch self {
    case .librdkafka: "no C compiler is installed"
    case .confluent, .kafkaPython, .aiokafka: "script/install test-clients was not run"
    case .kcat: "kcat is not installed"
    case .java: "no Java compiler is installed, or \(ApacheKafkaFixture.absence)"
    }
  }

  /// What Apache Kafka answered this program.
  var recording: ClientFacts.Recording { ClientFacts.Recording(name: rawValue) }

  /// Runs the program against a broker and answers what it printed.
  func run(against bootstrapServers: String) async throws -> ClientFacts {
    let prefix = "\(rawValue)-\(UInt32.random(in: 0 ... .max))"
    let command = try await words() + [bootstrapServers, prefix]
    let output = try await Installed.run(command, within: .seconds(180))
    do {
      return try ClientFacts(line: output, prefix: prefix)
    } catch {
      throw ClientFailure("\(rawValue) printed no facts but: \(output)")
    }
  }

  /// The words that start it; what must be compiled is compiled.
  private func words() async throws -> [String] {
    switch self {
    case .librdkafka: [try await Compiled.librdkafka.value]
    case .confluent, .kafkaPython, .aiokafka:
      [Installed.clientPython ?? "python3", "-B", "\(Self.folder)/\(rawValue).py"]
    case .kcat: ["bash", "\(Self.folder)/kcat.sh"]
    case .java: try await Compiled.java.value
    }
  }

  static let folder = "\(ProjectFolder.path)/Tests/EndToEnd/BrokerClientsTests/Clients"
}

/// The programs that are compiled, once in a process.
private enum Compiled {
  static let folder = "\(ProjectFolder.path)/.build/client-programs"

  static let librdkafka = Task { () async throws -> String in
    try makeFolder()
    let flags = try await Installed.run(["pkg-config", "--cflags", "--libs", "rdkafka"], within: .seconds(30))
    let program = "\(folder)/librdkafka"
    let source = "\(ClientProgram.folder)/librdkafka.c"
    _ = try await Installed.run(
      ["cc", "-O1", "-Wall", "-Werror", "-o", program, source]
        + flags.split { $0 == " " || $0 == "\n" }.map(String.init),
      within: .seconds(60))
    return program
  }

  static let java = Task { () async throws -> [String] in
    try makeFolder()
    let libraries = ApacheKafkaFixture.libraries ?? ""
    _ = try await Installed.run(
      ["javac", "-cp", "\(libraries)/*", "-d", "\(folder)/java", "\(ClientProgram.folder)/JavaClient.java"],
      within: .seconds(120))
    return [
      "java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-Dkafka.log.level=OFF",
      "-Dlog4j2.configurationFile=\(libraries)/../log4j2.properties", "-cp", "\(folder)/java:\(libraries)/*",
      "JavaClient",
    ]
  }

  private static func makeFolder() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }
}

/// A client, or a program that the tests need, did not do what it should.
struct ClientFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

extension Trait where Self == ConditionTrait {
  /// Skips, saying so, where a client is not installed.
  static func needs(_ program: ClientProgram) -> Self { .enabled(if: program.isThere, "\(program.absence)") }
  /// Skips, saying so, where a log is not there.
  static func needs(_ log: Log) -> Self { .enabled(if: log.isAvailable, "\(log.absence)") }
}
