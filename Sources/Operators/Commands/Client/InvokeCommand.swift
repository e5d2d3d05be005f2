internal import CommandTable
internal import EventLoop
internal import FoundationEssentials
internal import Glibc
internal import HTTPClient

/// `invoke`.
extension ClientCommand {
  /// A little longer than the longest function may run.
  private static let longestWait: Duration = .seconds(960)

  func invoke() async throws(CommandFailure) -> Int32 {
    let path = "/v1/functions/\(PercentEncoding.encode(command.required("FUNCTION")))/invocations"
    let event = try Self.event(command.value("event") ?? "{}")
    let json = (name: "Content-Type", value: "application/json")
    if command.has("async") {
      let answer = try await gateway.send("POST", path, headers: [json, ("Prefer", "respond-async")], body: event)
      return try await accepted(answer)
    }
    let answer = try await gateway.send("POST", path, headers: [json], body: event, timeout: Self.longestWait)
    console.print(bytes: answer.body)
    let id = answer.header("Millrace-Invocation-Id") ?? ""
    if command.has("tail") { try await tail(id, .ended) }
    guard let error = answer.header("Millrace-Function-Error") else { return 0 }
    console.note(console.noteColoured("the function failed (\(error)); see: millrace logs \(id)", .red))
    return CommandFailure.Code.refused.rawValue
  }

  private func accepted(_ answer: GatewayClient.Answer) async throws(CommandFailure) -> Int32 {
    let id = (answer.header("Millrace-Invocation-Id") ?? JSONValue(answer.body)?["id"]?.text) ?? ""
    switch form {
    case .json: console.print(#"{"id": "\#(id)"}"#)
    case .text: console.print(id)
    }
    if command.has("tail") { try await tail(id, .underWay) }
    return 0
  }

  /// The event's bytes: the text itself, a file's content, or the input's.
  static func event(_ said: String) throws(CommandFailure) -> [UInt8] {
    if said == "-" { return readInput() }
    guard said.hasPrefix("@") else { return Array(said.utf8) }
    let path = String(said.dropFirst())
    guard let bytes = FileManager.default.contents(atPath: path) else { throw PrivateFile.failure("cannot read", path) }
    return Array(bytes)
  }

  private static func readInput() -> [UInt8] {
    var input: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while case let count = read(STDIN_FILENO, &chunk, chunk.count), count > 0 {
      input.append(contentsOf: chunk.prefix(count))
    }
    return input
  }

  private static let tailInterval: Duration = .milliseconds(200)

  /// What is known of an invocation whose log is followed.
  private enum Progress {
    case underWay
    /// Its last lines are on the log already or come within moments; where its executor was killed just after the result they
    /// never come.
    case ended

    /// How many times the log is asked for until its last line is there.
    var checks: Int {
      switch self {
      case .underWay: 100
      case .ended: 10
      }
    }
  }

  /// Prints the invocation's log to the error output as it is recorded, up to the line that ends it.
  private func tail(_ id: String, _ progress: Progress) async throws(CommandFailure) {
    var printed = 0
    for _ in 0..<progress.checks {
      let answer = try await gateway.send("GET", "/v1/invocations/\(PercentEncoding.encode(id))/logs", accepting: [404])
      let lines = answer.status == 404 ? [] : Self.logLines(try answer.json())
      for line in lines.dropFirst(printed) { console.note(console.noteColoured(line, .faint)) }
      printed = max(printed, lines.count)
      if lines.contains(where: { $0.hasPrefix("REPORT ") }) { return }
      do { try await loop.sleep(for: Self.tailInterval) } catch { return }
    }
    console.note("the log is not whole yet; see: millrace logs \(id)")
  }

  /// The text of each line.
  static func logLines(_ value: JSONValue) -> [String] {
    value["lines"]?.elements.map { $0["text"]?.shown ?? "" } ?? []
  }
}
