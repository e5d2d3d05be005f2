import EventLoop
import FoundationEssentials
import Glibc
import Processes
import SimulationKit

/// The programs of this machine that tests run.
enum Installed {
  /// The Python that has the clients from PyPI.
  static let clientPython: String? = {
    let path = "\(ProjectFolder.path)/.build/test-clients/bin/python"
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }()

  /// What was recorded of Apache Kafka for brokers to be compared with.
  static let conformance = "\(ProjectFolder.path)/../shared/broker-conformance"

  static func isThere(_ program: String) -> Bool {
    path.split(separator: ":").contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
  }

  /// Runs a program to its end and answers its output.
  static func run(_ words: [String], within limit: Duration) async throws -> String {
    let specification = ProcessSpecification(
      program: words[0], arguments: Array(words.dropFirst()), environment: environment)
    let run = try await CapturedProcess.run(
      specification, limits: .init(time: limit, outputBytes: 16 << 20), on: loop.get())
    guard run.isSuccess else {
      let complaint = String(decoding: run.errorOutput.suffix(4000), as: UTF8.self)
      throw ClientFailure("\(words.joined(separator: " ")): \(run.end): \(complaint)")
    }
    return String(decoding: run.output, as: UTF8.self)
  }

  /// The loop on which programs are watched.
  static let loop = Result { try LoopThread.startLoop(name: "clients") }

  static let environment = ["PATH": path, "HOME": "/tmp", "LC_ALL": "C.UTF-8"]

  private static let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
}
