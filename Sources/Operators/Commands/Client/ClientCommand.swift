internal import CommandTable
internal import EventLoop

/// What every command that speaks to the gateway has at hand.
struct ClientCommand: Sendable {
  let command: ParsedCommand
  let gateway: GatewayClient
  let console: Console
  let loop: EventLoop
  let environment: [String: String]

  /// How data is printed.
  enum Form: Sendable { case text, json }
  var form: Form { command.value("output") == "json" ? .json : .text }

  /// Prints rows, or the gateway's own JSON.
  func print(_ answer: GatewayClient.Answer, _ rows: (JSONValue) -> TextTable) throws(CommandFailure) {
    switch form {
    case .json: console.print(bytes: answer.body)
    case .text:
      for line in rows(try answer.json()).lines(for: console.outputAudience) { console.print(line) }
    }
  }

  /// A state in the colour of its meaning.
  func coloured(_ status: String) -> String {
    switch status {
    case "succeeded", "active": console.coloured(status, .green)
    case "accepted", "running", "pending", "building": console.coloured(status, .yellow)
    case "": ""
    case _: console.coloured(status, .red)
    }
  }
}
