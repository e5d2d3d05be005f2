import Testing

/// Words that the sources do not use, each with what to use instead.
@Suite struct WordTests {
  /// Calls that are banned in `Sources`, with their replacement.
  static let bannedCalls: [(call: String, instead: String)] = [
    ("import Foundation\n", "FoundationEssentials"),
    ("fatalError(", "precondition for our own bugs, an error for what a peer sent"),
    ("print(", "Telemetry's Logger, or the command's output"),
    ("usleep(", "a timer of the loop"),
    ("sleep(UInt", "a timer of the loop"),
    ("DispatchQueue", "BlockingPool"),
    ("try!", "an error or a precondition that says why it cannot happen"),
    ("Task.detached", "EventLoop.spawn"),
  ]
  static let unfinished = ["FIX" + "ME", "TO" + "DO", "XX" + "X", "HA" + "CK"]

  @Test func noBannedCalls() {
    for file in SourceTree.sources {
      let isCommand = file.module == "Commands" || file.floor == "Programs"
      for (number, line) in file.lines.enumerated() where !line.trimmedIsComment {
        for (call, instead) in Self.bannedCalls where (line + "\n").contains(call) {
          if call == "print(", isCommand || line.contains(".print(") || line.contains("func print(") { continue }
          if call == "try!", file.floor == "Testing" { continue }  // a test that cannot be set up may end
          Issue.record("\(file.path):\(number + 1) says '\(call)': use \(instead)")
        }
      }
    }
  }

  @Test func nothingIsLeftForLater() {
    for file in SourceTree.sources + SourceTree.tests {
      for (number, line) in file.lines.enumerated() {
        // Six of the last letter are a template of mkdtemp.
        for word in Self.unfinished where line.replacing("XXXXXX", with: "").contains(word) {
          Issue.record("\(file.path):\(number + 1) says \(word)")
        }
      }
    }
  }

  @Test func noFileIsAPlaceholder() {
    for file in SourceTree.sources + SourceTree.tests { #expect(file.name != "Placeholder.swift", "\(file.path)") }
  }

  @Test func foldersNameWhatIsInThem() {
    let vague = ["Utils", "Common", "Helpers", "Misc"]
    for file in SourceTree.sources + SourceTree.tests {
      for word in vague { #expect(!file.path.contains("/\(word)"), "\(file.path)") }
      #expect(!file.name.hasSuffix("Manager.swift"), "\(file.path)")
    }
  }
}
