import EventLoop
import Glibc
import Processes
import Testing

extension ProcessesTests {
  @Suite struct CapturedProcessTests {
    let loop: EventLoop
    init() throws { loop = try LoopThread.startLoop(name: "captured") }

    private func run(
      _ script: String, input: [UInt8] = [], time: Duration = .seconds(60), outputBytes: Int = 1 << 20,
      limits: [ProcessSpecification.ResourceLimit] = []
    ) async throws -> CapturedProcess {
      try await CapturedProcess.run(
        .init(
          program: "/bin/sh", arguments: ["-c", script], environment: ["PATH": "/usr/bin:/bin"], resourceLimits: limits),
        input: input, limits: .init(time: time, outputBytes: outputBytes), on: loop)
    }

    @Test func outputErrorsAndStatusAreKept() async throws {
      let captured = try await run("echo out; echo err >&2; exit 3")
      #expect(captured.end == .ended(.exited(3)))
      #expect(String(decoding: captured.output, as: UTF8.self) == "out\n")
      #expect(String(decoding: captured.errorOutput, as: UTF8.self) == "err\n")
      #expect(!captured.isSuccess)
    }

    /// More than any pipe holds goes in and comes out unchanged.
    @Test func inputArrivesWhole() async throws {
      let input = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let captured = try await run("cat", input: input)
      #expect(captured.isSuccess && captured.output == input)
    }

    @Test func anEndlessOutputIsCutAndTheProgramKilled() async throws {
      let captured = try await run("yes", outputBytes: 100_000)
      #expect(captured.end == .wroteTooMuch)
      #expect(captured.output.count == 100_000)
    }

    @Test func aProgramThatDoesNotEndIsKilled() async throws {
      let captured = try await run("echo begun; trap '' TERM; sleep 600; sleep 600", time: .milliseconds(300))
      #expect(captured.end == .timedOut)
      #expect(String(decoding: captured.output, as: UTF8.self) == "begun\n")
    }

    /// A grandchild that keeps the pipe open neither delays the answer nor survives it.
    @Test func whatItStartedDiesWithIt() async throws {
      let captured = try await run("sleep 600 & echo $!")
      #expect(captured.isSuccess)
      let grandchild = try #require(Int32(String(decoding: captured.output, as: UTF8.self).filter(\.isNumber)))
      // Killed already; init reaps it when it gets to it.
      while kill(grandchild, 0) == 0 {
        if try state(of: grandchild) == "Z" { break }
        sched_yield()
      }
    }

    @Test func addressSpaceAndProcessorTimeAreLimited() async throws {
      let memory = try await run(
        "exec python3 -I -S -c 'x = bytearray(1 << 30)'", limits: [.addressSpaceBytes(512 << 20)])
      #expect(String(decoding: memory.errorOutput, as: UTF8.self).contains("MemoryError"))
      let time = try await run("exec python3 -I -S -c 'while True: pass'", limits: [.processorSeconds(1)])
      #expect(time.end == .ended(.killed(signal: SIGKILL)))
    }

    private func state(of process: Int32) throws -> Substring {
      let file = open("/proc/\(process)/stat", O_RDONLY)
      guard file >= 0 else { return "Z" }
      defer { close(file) }
      var bytes = [UInt8](repeating: 0, count: 512)
      let count = max(0, read(file, &bytes, 512))
      return String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: " ").dropFirst(2).first ?? "Z"
    }
  }
}
