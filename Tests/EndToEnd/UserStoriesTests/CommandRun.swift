import EventLoop
import FoundationEssentials
import Processes

/// A program that was run to its end.
struct CommandRun: Sendable {
  let words: [String]
  let exitCode: Int32?
  let output: String
  let errorOutput: String

  /// The output as JSON.
  func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(output.utf8))
  }

  static func run(
    _ program: String, _ arguments: [String], environment: [String: String], directory: String? = nil,
    input: String = "", on loop: EventLoop, within limit: Duration = .seconds(120)
  ) async throws -> CommandRun {
    let specification = ProcessSpecification(
      program: program, arguments: arguments, environment: environment, workingDirectory: directory)
    let run = try await CapturedProcess.run(
      specification, input: Array(input.utf8), limits: .init(time: limit, outputBytes: 64 << 20), on: loop)
    let code: Int32? = if case .ended(.exited(let code)) = run.end { code } else { nil }
    return CommandRun(
      words: [program] + arguments, exitCode: code, output: String(decoding: run.output, as: UTF8.self),
      errorOutput: String(decoding: run.errorOutput, as: UTF8.self))
  }
}
