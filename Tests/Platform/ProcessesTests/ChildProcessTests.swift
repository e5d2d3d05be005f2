import EventLoop
import Glibc
import Processes
import Testing

extension ProcessesTests {
  @Suite struct ChildProcessTests {
    let loop: EventLoop
    init() throws { loop = try LoopThread.startLoop(name: "processes") }

    /// Runs the shell script and answers its standard output.
    private func shell(_ script: String, _ change: (inout ProcessSpecification) -> Void = { _ in }) async throws
      -> String
    {
      var specification = ProcessSpecification(program: "/bin/sh", arguments: ["-c", script])
      change(&specification)
      let captured = try await CapturedProcess.run(
        specification, limits: .init(time: .seconds(60), outputBytes: 1 << 20), on: loop)
      return String(decoding: captured.output, as: UTF8.self)
    }

    private func status(_ specification: ProcessSpecification) async throws -> ProcessEnd {
      let loop = loop
      return try await withCheckedThrowingContinuation { continuation in
        loop.execute {
          do {
            _ = try ChildProcess(specification, on: loop) { continuation.resume(returning: $0) }
          } catch {
            continuation.resume(throwing: error)
          }
        }
      }
    }

    @Test func anExitCodeAndASignalAreToldApart() async throws {
      #expect(try await status(.init(program: "sh", arguments: ["-c", "exit 7"])) == .exited(7))
      #expect(try await status(.init(program: "sh", arguments: ["-c", "kill -9 $$"])) == .killed(signal: 9))
      #expect(try await status(.init(program: "true")).isSuccess)
    }

    @Test func aMissingProgramADirectoryAndALimitAreNamed() async throws {
      await #expect { try await status(.init(program: "/no/such/program")) } throws: {
        ($0 as? ProcessError)?.code == .notExecutable
      }
      await #expect { try await status(.init(program: "true", workingDirectory: "/no/such/directory")) } throws: {
        ($0 as? ProcessError)?.message.contains("chdir") == true
      }
    }

    /// The environment is exactly what was given, and no descriptor but the chosen ones arrives: not even one of this
    /// process that lacks close-on-exec.
    @Test func nothingIsInherited() async throws {
      let leak = open("/dev/null", O_RDONLY)
      let high = fcntl(leak, F_DUPFD, 300)
      defer {
        close(leak)
        close(high)
      }
      let environment = try await shell("exec /usr/bin/env") { $0.environment = ["ONLY": "this one"] }
      #expect(environment.split(separator: "\n").filter { !$0.hasPrefix("PWD=") } == ["ONLY=this one"])
      let listing = try await shell("i=0; while [ $i -lt 400 ]; do [ -e /proc/$$/fd/$i ] && echo $i; i=$((i+1)); done")
      #expect(listing == "0\n1\n2\n")
    }

    @Test func theChosenDescriptorsArriveInTheirPlaces() async throws {
      var ends: [Int32] = [-1, -1]
      #expect(pipe(&ends) == 0)
      defer { for end in ends { close(end) } }
      // The source numbers overlap the targets on purpose.
      let descriptors: [ProcessSpecification.Descriptor] = [
        .null, .null, .null, .parent(ends[1]), .null, .parent(ends[1]),
      ]
      let ended = try await status(
        .init(program: "sh", arguments: ["-c", "echo three >&3; echo five >&5"], descriptors: descriptors))
      #expect(ended.isSuccess)
      var bytes = [UInt8](repeating: 0, count: 64)
      let count = read(ends[0], &bytes, 64)
      #expect(String(decoding: bytes.prefix(count), as: UTF8.self) == "three\nfive\n")
    }

    @Test(.enabled(if: getuid() == 0, "needs root"))
    func theIdentityLosesUserAndGroups() async throws {
      let output = try await shell("id -u; id -G; cat /proc/self/status | grep CapEff") { $0.identity = .nobody }
      #expect(output == "65534\n65534\nCapEff:\t0000000000000000\n")
    }

    @Test func theSessionIsItsOwnAndLimitsHold() async throws {
      let output = try await shell("ps -o sid= -p $$; echo $$; ulimit -n; ulimit -c") {
        $0.environment = ["PATH": "/usr/bin:/bin"]
        $0.resourceLimits = [.openFiles(77), .coreBytes(0)]
      }
      let lines = output.split(separator: "\n").map { $0.filter { $0 != " " } }
      #expect(lines.count == 4 && lines[0] == lines[1])
      #expect(lines.suffix(2) == ["77", "0"])
    }

    @Test func terminateAndKillEndIt() async throws {
      let loop = loop
      for (send, expected) in [(ChildProcess.terminate, SIGTERM), (ChildProcess.kill, SIGKILL)] {
        let ended: ProcessEnd = try await withCheckedThrowingContinuation { continuation in
          loop.execute {
            do {
              let process = try ChildProcess(.init(program: "sleep", arguments: ["600"]), on: loop) {
                continuation.resume(returning: $0)
              }
              send(process)()
            } catch { continuation.resume(throwing: error) }
          }
        }
        #expect(ended == .killed(signal: expected))
      }
    }

    /// Hundreds of children come and go without a descriptor or a zombie left.
    @Test func nothingLeaks() async throws {
      let before = try descriptorCount()
      for _ in 0..<200 { _ = try await status(.init(program: "/bin/true")) }
      for _ in 0..<50 { _ = try? await status(.init(program: "/no/such/program")) }
      for _ in 0..<50 { _ = try await shell("echo x") }
      #expect(try descriptorCount() <= before + 4)
    }

    private func descriptorCount() throws -> Int {
      let directory = try #require(opendir("/proc/self/fd"))
      defer { closedir(directory) }
      var count = 0
      while readdir(directory) != nil { count += 1 }
      return count
    }
  }
}
