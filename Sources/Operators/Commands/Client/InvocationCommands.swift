internal import Telemetry
internal import CommandTable
internal import HTTPClient
internal import MillraceDomain
internal import Settings

/// `invocations list|show|result` and `logs`.
extension ClientCommand {
  func listInvocations() async throws(CommandFailure) -> Int32 {
    var query: [String] = []
    for name in ["function", "status", "cursor"] {
      if let value = command.value(name) { query.append("\(name)=\(PercentEncoding.encode(value))") }
    }
    if let since = command.value("since") {
      guard let duration = SettingValues.duration(since) else {
        throw CommandFailure(.usage, "--since takes a time such as 90s, 1h or 2d, not \(since)")
      }
      let time = WireTime.text(
        Timestamp(milliseconds: WallClock.milliseconds() - Int64(duration / .milliseconds(1))))
      query.append("since=\(PercentEncoding.encode(time))")
    }
    let answer = try await gateway.send(
      "GET", "/v1/invocations" + (query.isEmpty ? "" : "?" + query.joined(separator: "&")))
    try print(answer) { value in
      var table = TextTable(["ID", "FUNCTION", "VERSION", "STATUS", "ATTEMPTS", "SUBMITTED"])
      for invocation in value["invocations"]?.elements ?? [] {
        table.add([
          invocation["id"]?.shown ?? "", invocation["function"]?.shown ?? "", invocation["version"]?.shown ?? "",
          invocation["status"]?.shown ?? "", invocation["attempts"]?.shown ?? "",
          invocation["submittedAt"]?.shownTime ?? "",
        ])
      }
      return table
    }
    if form == .text, let cursor = JSONValue(answer.body)?["cursor"],
      !cursor.shown.isEmpty
    {
      console.note("more: --cursor \(cursor.shown)")
    }
    return 0
  }

  func showInvocation() async throws(CommandFailure) -> Int32 {
    let answer = try await gateway.send("GET", "/v1/invocations/\(PercentEncoding.encode(command.required("ID")))")
    guard form == .text else {
      console.print(bytes: answer.body)
      return 0
    }
    let value = try answer.json()
    console.print("id: \(value["id"]?.shown ?? "")")
    console.print("function: \(value["function"]?.shown ?? "") version \(value["version"]?.shown ?? "")")
    console.print("status: \(coloured(value["status"]?.shown ?? ""))")
    console.print("attempts: \(value["attempts"]?.shown ?? "")")
    var table = TextTable(["STATE", "TIME", "ATTEMPT", "ON THE LOG"])
    for moment in value["timeline"]?.elements ?? [] {
      let place = moment["topic"].map {
        "\($0.shown)[\(moment["partition"]?.shown ?? "")]@\(moment["offset"]?.shown ?? "")"
      }
      table.add([
        moment["state"]?.shown ?? "", moment["time"]?.shownTime ?? "", moment["attempt"]?.shown ?? "", place ?? "",
      ])
    }
    for line in table.lines(for: console.outputAudience) { console.print(line) }
    return 0
  }

  func showResult() async throws(CommandFailure) -> Int32 {
    let id = command.required("ID")
    let answer = try await gateway.send("GET", "/v1/invocations/\(PercentEncoding.encode(id))/result")
    console.print(bytes: answer.body)
    guard let error = answer.header("Millrace-Function-Error") else { return 0 }
    console.note(console.noteColoured("the function failed (\(error)); see: millrace logs \(id)", .red))
    return CommandFailure.Code.refused.rawValue
  }

  func logs() async throws(CommandFailure) -> Int32 {
    let subject = command.required("FUNCTION|ID")
    if InvocationID(subject) != nil {
      let answer = try await gateway.send("GET", "/v1/invocations/\(subject)/logs")
      switch form {
      case .json: console.print(bytes: answer.body)
      case .text: for line in Self.logLines(try answer.json()) { console.print(line) }
      }
      return 0
    }
    let count = command.value("last").flatMap { Int($0) } ?? 10
    let list = try await gateway.send("GET", "/v1/invocations?function=\(PercentEncoding.encode(subject))")
    let value = try list.json()
    let ids = (value["invocations"]?.elements ?? []).prefix(count).compactMap { $0["id"]?.text }
    for id in ids.reversed() {
      let answer = try await gateway.send("GET", "/v1/invocations/\(PercentEncoding.encode(id))/logs", accepting: [404])
      guard answer.status == 200 else { continue }
      switch form {
      case .json: console.print(bytes: answer.body)
      case .text: for line in Self.logLines(try answer.json()) { console.print(line) }
      }
    }
    return 0
  }
}
