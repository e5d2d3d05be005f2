import EventLoop
import MillraceDomain
import PythonSandbox
import Testing

@testable import Builder

/// Adversarial case P40, as far as there is a scanner: parsing never executes, hangs or crashes the builder.
@Suite struct SourceCheckTests {
  private func verdicts(_ source: [UInt8], _ check: @escaping @Sendable (BuilderError?, PythonInterpreter) -> Void)
    async throws
  {
    try await LoopRunner.run { loop in
      let interpreters = await PythonInterpreter.discover(on: loop)
      #expect(!interpreters.isEmpty)
      for interpreter in interpreters {
        do throws(BuilderError) {
          try await SourceCheck.parse(source, named: "app.py", with: interpreter, on: loop)
          check(nil, interpreter)
        } catch { check(error, interpreter) }
      }
    }
  }

  @Test func `Good source passes on every Python, and is not executed`() async throws {
    let source = "import os, sys\nsys.exit(1)\nos._exit(2)\ndef handler(event, context): return 'größe'\n"
    try await verdicts(Array(source.utf8)) { error, interpreter in #expect(error == nil, "\(interpreter.runtime)") }
    try await verdicts(Array("# -*- coding: latin-1 -*-\nx = '".utf8) + [0xe9] + Array("'\n".utf8)) {
      error, interpreter in
      #expect(error == nil, "\(interpreter.runtime)")
    }
  }

  @Test func `Each Python decides for itself what it reads`() async throws {
    try await verdicts(Array("match 1:\n  case 1: pass\n".utf8)) { error, interpreter in
      let knowsMatch = !["python3.8", "python3.9"].contains(interpreter.runtime)
      #expect((error == nil) == knowsMatch, "\(interpreter.runtime)")
    }
  }

  @Test func `A syntax error is told with its line`() async throws {
    try await verdicts(Array("x = 1\ndef broken(:\n".utf8)) { error, interpreter in
      #expect(error?.code == .syntax)
      #expect(error?.message.contains("app.py, line 2") == true, "\(error?.message ?? "")")
    }
  }

  /// Sources that have crashed or hung parsers.
  enum Hostile: String, CaseIterable {
    case nul, nulInText, utf16, unknownEncoding, deepParentheses, deepSigns, deepLists

    var source: [UInt8] {
      switch self {
      case .nul: [0]
      case .nulInText: Array("x = '\u{0}'".utf8)
      case .utf16: [0xff, 0xfe, 0x41]
      case .unknownEncoding: Array("# coding: nothing\n".utf8)
      case .deepParentheses: Array(String(repeating: "(", count: 200_000).utf8)
      case .deepSigns: Array((String(repeating: "-", count: 200_000) + "1").utf8)
      case .deepLists: Array(String(repeating: "[1,", count: 50_000).utf8)
      }
    }
  }

  @Test(arguments: Hostile.allCases)
  func `P40 - Hostile source is refused or passes, and nothing hangs`(_ hostile: Hostile) async throws {
    try await verdicts(hostile.source) { error, _ in #expect(error == nil || error?.code == .syntax) }
  }
}
