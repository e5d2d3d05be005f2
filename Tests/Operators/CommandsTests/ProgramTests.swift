import FoundationEssentials
import Glibc
import SimulationKit
import Testing

/// Where the program is.
enum Program {
  static let binary = "\(ProjectFolder.path)/.build/debug/millrace"
  static let isBuilt = access(binary, X_OK) == 0
}

/// The real program, where it has been built beside the tests.
@Suite(.enabled(if: Program.isBuilt, "the program is not built"))
struct ProgramTests {
  private func run(_ words: String, environment: String = "") throws -> (code: Int32, output: String) {
    let pipe = try #require(
      popen("env -i HOME=/nonexistent PATH=/usr/bin:/bin \(environment) \(Program.binary) \(words) 2>&1", "r"))
    var output: [UInt8] = []
    while case let byte = fgetc(pipe), byte >= 0 { output.append(UInt8(byte)) }
    return (pclose(pipe) >> 8 & 0xff, String(decoding: output, as: UTF8.self))
  }

  @Test(arguments: [
    "", "nonsense", "invoke", "invoke f --nonsense", "up --nonsense", "serve", "serve --roles nonsense",
    "up --listen nonsense --kafka h:1", "completions fish", "functions",
    "up --kafka h:1 --settings /nonexistent.yaml --nope",
  ]) func whatIsNoCommandLineIs64(_ words: String) throws {
    let run = try run(words)
    #expect(run.code == 64, "\(run.output)")
    #expect(run.output.hasPrefix("millrace: "))
  }

  @Test(arguments: [
    ("functions list", ""), ("invoke f", "MILLRACE_URL=http://127.0.0.1:1"),
    ("functions list --url http://127.0.0.1:1", ""), ("topics list --kafka 127.0.0.1:1", ""),
  ]) func whatCannotBeReachedIs69(_ words: String, _ environment: String) throws {
    let run = try run(words, environment: environment)
    #expect(run.code == 69, "\(run.output)")
  }

  @Test(arguments: [
    "--help", "help up", "version", "version --output json", "completions bash", "completions zsh", "reference man",
  ])
  func whatOnlyPrintsIs0(_ words: String) throws {
    let run = try run(words)
    #expect(run.code == 0 && !run.output.isEmpty, "\(run.output)")
  }

  @Test func initWritesAFunctionOnceAndDeployNeedsOne() throws {
    let folder = "/tmp/program-tests-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(try run("init \(folder)/hello").code == 0)
    #expect(try run("init \(folder)/hello").code == 1, "what is there stays")
    #expect(access("\(folder)/hello/millrace.yaml", R_OK) == 0 && access("\(folder)/hello/app.py", R_OK) == 0)
    #expect(try run("init \(folder)/'not a name'").code == 64)
    #expect(try run("deploy \(folder)/hello --url http://127.0.0.1:1").code == 69)
    #expect(try run("deploy \(folder) --url http://127.0.0.1:1").code == 1)
  }

  @Test func aRoleDrainsWhenItIsToldToAndReturnsZero() throws {
    let folder = "/tmp/program-tests-role-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let serve = "\(Program.binary) serve --roles controller --kafka 127.0.0.1:1 --controller-socket \(folder)/socket"
    let script =
      "\(serve) --controller-directory \(folder)/controller 2> \(folder)/log & "
      + "until [ -S \(folder)/socket ] || ! kill -0 $!; do sleep 0.02; done; kill -TERM $!; wait $!"
    let pipe = try #require(popen(script, "r"))
    let code = pclose(pipe) >> 8 & 0xff
    let log = String(decoding: FileManager.default.contents(atPath: "\(folder)/log") ?? Data(), as: UTF8.self)
    #expect(code == 0, "\(log)")
    #expect(log.contains("\"message\":\"draining\""))
  }

  /// Rewrite them with `UPDATE_REFERENCE=1 swift test --filter ProgramTests`.
  @Test(arguments: [("markdown", "docs/reference/cli.md"), ("settings", "docs/reference/settings.md")])
  func theReferencePagesAreThoseOfTheProgram(_ form: String, _ path: String) throws {
    let printed = try run("reference \(form)").output
    let file = "\(ProjectFolder.path)/\(path)"
    if getenv("UPDATE_REFERENCE") != nil { try Data(printed.utf8).write(to: URL(filePath: file)) }
    let written = String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    let isSame = written == printed
    #expect(isSame, "\(path) is not what `millrace reference \(form)` prints: UPDATE_REFERENCE=1 writes it")
  }
}
