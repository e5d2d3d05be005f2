import EventLoop
import Glibc
import Processes
import Testing

@testable import PythonSandbox

/// Each way an invocation can end has its own verdict, and the executor survives all of them.
extension PythonSandboxTests {
  @Suite struct VerdictTests {
    @Test(arguments: [Workbench.oldest, Workbench.newest])
    func anExceptionIsAFunctionErrorWithItsOwnFrames(runtime: String) async throws {
      let bench = try await Workbench()
      let source = "def inner():\n    raise ValueError('bad value')\ndef handler(event, context):\n    inner()\n"
      let outcome = try await bench.run(source, runtime: runtime)
      let error = try #require(outcome.verdict.functionError)
      #expect(error.type == "ValueError" && error.message == "bad value")
      #expect(error.stackTrace.count == 2 && error.stackTrace.allSatisfy { $0.contains("/var/task/app.py") })
      #expect(outcome.output.contains("[ERROR] ValueError: bad value"))
      try await bench.close()
    }

    @Test(arguments: [
      ("import nothing_of_this_name\n", "Runtime.ImportModuleError", "Unable to import module 'app'"),
      ("def handler(:\n", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
      ("def other(event, context): pass\n", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
      ("raise RuntimeError('at import')\n", "RuntimeError", "at import"),
      ("import sys\nsys.exit(3)\n", "Runtime.ExitError", "exit status 3"),
      ("import os\nos._exit(0)\n", "Runtime.ExitError", "exit status 0"),
    ])
    func whatCannotBeImportedIsAnInitError(source: String, type: String, message: String) async throws {
      let bench = try await Workbench()
      let outcome = try await bench.run(source)
      guard case .initFailed(let error, _) = outcome.verdict else {
        Issue.record("\(outcome.verdict)")
        return try await bench.close()
      }
      #expect(error.type == type && error.message.contains(message))
      try await bench.close()
    }

    /// The verdict on the import waits for the first invocation, once.
    @Test func anInitErrorIsToldThoughTheSandboxIsDeadAlready() async throws {
      let bench = try await Workbench()
      let sandbox = try await bench.start("raise RuntimeError('at import')\n")
      while try await !bench.isDead(sandbox) { sched_yield() }
      #expect(await bench.invoke(sandbox).verdict.functionError?.message == "at import")
      guard case .notStarted = await bench.invoke(sandbox).verdict else {
        Issue.record("told twice")
        return
      }
      try await bench.close()
    }

    @Test(arguments: [
      "float('nan')", "float('inf')", "b'bytes'", "(each for each in [1])", "'\\ud800'", "object()", "deep(100000)",
    ])
    func whatIsNoJSONIsAMarshalError(expression: String) async throws {
      let bench = try await Workbench()
      let source = """
        def deep(count):
            value = []
            for _ in range(count):
                value = [value]
            return value
        def handler(event, context):
            return \(expression)
        """
      for runtime in [Workbench.oldest, Workbench.newest] {
        let outcome = try await bench.run(source, runtime: runtime)
        #expect(outcome.verdict.functionError?.type == "Runtime.MarshalError", "\(outcome.verdict)")
      }
      try await bench.close()
    }

    @Test func anEndlessLoopIsKilledAndItsFollowersGoElsewhere() async throws {
      let bench = try await Workbench()
      let source = """
        import signal
        for number in range(1, 32):
            try: signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError): pass
        def handler(event, context):
            print("begun")
            while True: pass
        """
      let sandbox = try await bench.start(source) { $0.timeout = .milliseconds(300) }
      async let first = bench.invoke(sandbox)
      async let second = bench.invoke(sandbox)
      let verdicts = await [first, second]
      #expect(
        verdicts.contains {
          if case .timedOut(.milliseconds(300), let m) = $0.verdict { m.durationMicroseconds >= 300_000 } else { false }
        })
      #expect(verdicts.contains { if case .notStarted = $0.verdict { true } else { false } })
      #expect(verdicts.allSatisfy { $0.output == "begun\n" })
      // A dead sandbox answers and does no harm.
      guard case .notStarted = await bench.invoke(sandbox).verdict else {
        Issue.record("a dead sandbox ran something")
        return
      }
      try await bench.onLoop {
        sandbox.destroy()
        sandbox.destroy()
      }
      try await bench.close()
      #expect(try await bench.isDead(sandbox))
    }

    /// Only the invocation that met the limit is told of it.
    @Test func theLimitOnProcessesIsMeasured() async throws {
      let bench = try await Workbench { $0.processLimit = 20 }
      let source = """
        import threading
        def handler(event, context):
            done = threading.Event()
            threads = []
            try:
                for _ in range(event):
                    threads.append(threading.Thread(target=done.wait))
                    threads[-1].start()
            finally:
                done.set()
                for thread in threads:
                    if thread.ident: thread.join()
        """
      let sandbox = try await bench.start(source)
      guard case .functionError(let error, let measured) = await bench.invoke(sandbox, "100").verdict else {
        Issue.record("100 threads fit into 20")
        return try await bench.close()
      }
      #expect(error.type == "RuntimeError" && measured.processLimitReached == 20)
      guard case .succeeded(_, let after) = await bench.invoke(sandbox, "3").verdict else {
        Issue.record("3 threads do not fit into 20")
        return try await bench.close()
      }
      #expect(after.processLimitReached == nil)
      try await bench.close()
    }

    @Test func aMemoryHogIsKilledWithinItsGroup() async throws {
      let bench = try await Workbench()
      let source = """
        def handler(event, context):
            hog = []
            while True: hog.append(bytearray(1 << 20))
        """
      let outcome = try await bench.run(source) { $0.memoryMebibytes = 128 }
      guard case .outOfMemory(limitMebibytes: 128, let measured) = outcome.verdict else {
        Issue.record("\(outcome.verdict)")
        return
      }
      #expect((100...128).contains(measured.peakMemoryMebibytes))
      // /tmp counts into the same limit.
      let files = try await bench.run(
        "def handler(event, context):\n    open('/tmp/x', 'wb').write(bytearray(300 << 20))\n"
      ) {
        $0.memoryMebibytes = 128
      }
      if case .succeeded = files.verdict { Issue.record("300 MiB fitted into 128") }
      try await bench.close()
    }

    @Test(arguments: [
      ("sys.exit(7)", ProcessEnd.exited(7)), ("os._exit(9)", .exited(9)), ("sys.exit()", .exited(0)),
      ("ctypes.string_at(0)", .killed(signal: SIGSEGV)),
    ])
    func anExitIsToldFromACrash(statement: String, end: ProcessEnd) async throws {
      let bench = try await Workbench()
      let outcome = try await bench.run(
        "import ctypes, os, sys\ndef handler(event, context):\n    print('last words')\n    \(statement)\n")
      guard case .exited(end, _) = outcome.verdict else {
        Issue.record("\(outcome.verdict)")
        return
      }
      #expect(outcome.output == "last words\n")
      try await bench.close()
    }

    @Test func aResponseOfTheLimitFitsAndOneMoreByteDoesNot() async throws {
      let bench = try await Workbench()
      let sandbox = try await bench.start("def handler(event, context):\n    return 'x' * event\n") {
        $0.memoryMebibytes = 256
      }
      let limit = 6 << 20
      guard case .succeeded(let response, _) = await bench.invoke(sandbox, "\(limit - 2)").verdict else {
        Issue.record("refused")
        return
      }
      #expect(response.count == limit)
      for size in [limit - 1, 7 << 20] {
        guard case .responseTooLarge(byteCount: size + 2, _) = await bench.invoke(sandbox, "\(size)").verdict else {
          Issue.record("\(size) passed")
          return
        }
      }
      #expect(try await bench.onLoop { sandbox.isAlive })
      try await bench.close()
    }

    /// A hostile function finds the channel and writes to it what it likes.
    @Test(arguments: [
      #"b"garbage garbage""#, #"b"\xff\xff\xff\x7f\x11""#, #"struct.pack("<IBI", 4, 17, 99)"#,
      #"struct.pack("<IB", 0, 16)"#, #"struct.pack("<IBI", 8, 18, 1) + b"\xff" * 4"#, #"b"x" * (100 << 20)"#,
    ])
    func aBrokenProtocolKillsTheSandboxOnly(bytes: String) async throws {
      let bench = try await Workbench()
      let source = """
        import os, struct
        def handler(event, context):
            data = \(bytes)
            while data: data = data[os.write(3, data):]
            return "done"
        """
      let outcome = try await bench.run(source) { $0.memoryMebibytes = 512 }
      guard case .misbehaved = outcome.verdict else {
        Issue.record("\(outcome.verdict)")
        return
      }
      #expect(try await bench.response("def handler(event, context): return 1\n") == "1")
      try await bench.close()
    }

    @Test func outputIsOrderedAndBounded() async throws {
      let bench = try await Workbench { $0.outputLimitBytes = 100_000 }
      let ordered = try await bench.run(
        """
        import os, subprocess, sys
        def handler(event, context):
            for index in range(3):
                print("out", index)
                print("err", index, file=sys.stderr)
            subprocess.run(["/bin/echo", "child"])
            os.write(1, b"\\x00\\xff\\n")
            sys.stdout.write("no newline")
        """)
      #expect(ordered.output == "out 0\nerr 0\nout 1\nerr 1\nout 2\nerr 2\nchild\n\0\u{fffd}\nno newline")
      let line = try await bench.run(
        "import os\ndef handler(event, context):\n    for _ in range(1024): os.write(1, b'x' * (1 << 20))\n")
      guard case .succeeded(_, let measured) = line.verdict else {
        Issue.record("\(line.verdict)")
        return
      }
      #expect(line.output.utf8.count == 100_000)
      #expect(measured.droppedOutputBytes == (1 << 30) - 100_000)
      try await bench.close()
    }
  }
}
