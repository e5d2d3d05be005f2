import Commands
import FoundationEssentials
import Glibc
import MillraceDomain
import Testing

@Suite struct FunctionFolderTests {
  /// A folder with files, removed at the end.
  private func withFolder<Value>(_ files: [String: String], _ body: (String) throws -> Value) throws -> Value {
    let root = "/tmp/function-folder-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    defer { try? FileManager.default.removeItem(atPath: root) }
    for (path, text) in files {
      let file = "\(root)/\(path)"
      let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(filePath: file))
    }
    return try body(root)
  }

  private let minimal = "name: hello\nhandler: app.handler\nruntime: python3.11\n"

  @Test func aFolderBecomesAConfigurationAndAnArchive() throws {
    let files = [
      "millrace.yaml": minimal + "memory: 256MiB\ntimeout: 1m\nenvironment: {A: no, B: 1.10}\nconcurrency: 3\n",
      "app.py": "def handler(event, context):\n    return 1\n", "pkg/mod.py": "x = 1\n", "pkg/__pycache__/mod.pyc": "x",
      ".git/config": "x", ".venv/bin/python": "x", "left.txt": "x", "notes/a.txt": "x",
      ".millraceignore": "# what stays\nleft.txt\nnotes/\n",
    ]
    try withFolder(files) { root in
      let folder = try FunctionFolder(root)
      #expect(folder.name.text == "hello" && folder.fileCount == 2)
      #expect(folder.configuration.memoryMebibytes == 256 && folder.configuration.timeoutSeconds == 60)
      #expect(folder.configuration.environment == ["A": "no", "B": "1.10"] && folder.configuration.concurrency == 3)
      #expect(try FunctionFolder(root).archive == folder.archive, "the same folder is the same archive")
      let file = "\(root)/code.zip"
      try Data(folder.archive).write(to: URL(filePath: file))
      let check =
        "python3 -c 'import zipfile; z = zipfile.ZipFile(\"\(file)\"); print(z.testzip(), *z.namelist(), len(z.read(\"pkg/mod.py\")))'"
      let pipe = try #require(popen(check, "r"))
      var output: [UInt8] = []
      while case let byte = fgetc(pipe), byte >= 0 { output.append(UInt8(byte)) }
      #expect(pclose(pipe) == 0)
      #expect(String(decoding: output, as: UTF8.self) == "None app.py pkg/mod.py 6\n")
    }
  }

  @Test(arguments: [
    ("name: hello\nhandlr: a.b\n", "line 2: there is no key handlr; did you mean handler?"),
    ("name: hello\nhandler: app\nruntime: python3.11\n", "'app' is not a handler"),
    ("name: a b\nhandler: app.handler\nruntime: python3.11\n", "is not a function name"),
    ("name: hello\nhandler: app.handler\n", "is not a runtime"),
    ("name: hello\nhandler: app.handler\nruntime: python3.11\nmemory: 1\n", "memoryMebibytes is 1"),
    ("name: hello\nhandler: app.handler\nruntime: python3.11\nmemory: lots\n", "line 4: memory takes a number of MiB"),
    (
      "name: hello\nhandler: app.handler\nruntime: python3.11\ntimeout: 500ms\n",
      "line 4: timeout takes a number of seconds"
    ),
    ("name: hello\nhandler: app.handler\nruntime: python3.11\nenvironment: [A]\n", "line 4: environment takes names"),
    ("name: [1\n", "line 2, column 1"), ("- a\n", "holds no keys"),
  ]) func whatIsWrongInTheFileIsToldWithItsLine(_ yaml: String, _ part: String) throws {
    try withFolder(["millrace.yaml": yaml, "app.py": "x"]) { root in
      let error = #expect(throws: CommandFailure.self) { try FunctionFolder(root) }
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
      #expect(error?.message.contains("millrace.yaml") == true && error?.code == .refused)
    }
  }

  @Test func whatIsNoFunctionIsRefused() throws {
    try withFolder(["app.py": "x"]) { root in
      _ = #expect(throws: CommandFailure.self) { try FunctionFolder(root) }
    }
    try withFolder(["millrace.yaml": minimal]) { root in
      _ = #expect(throws: CommandFailure.self) { try FunctionFolder(root) }
    }
    try withFolder(["millrace.yaml": minimal, "app.py": "x"]) { root in
      symlink("/etc/passwd", "\(root)/secret")
      let error = #expect(throws: CommandFailure.self) { try FunctionFolder(root) }
      #expect(error?.message.contains("secret is neither a file nor a folder") == true)
    }
  }
}
