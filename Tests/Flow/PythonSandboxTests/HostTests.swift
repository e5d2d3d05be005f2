import EventLoop
import Glibc
import Processes
import Testing

@testable import PythonSandbox

extension PythonSandboxTests {
  @Suite struct HostTests {
    @Test func everyInterpreterFoundRunsAFunction() async throws {
      let bench = try await Workbench()
      let runtimes = try await bench.onLoop { bench.host.interpreters.map(\.runtime) }
      #expect(runtimes.contains(Workbench.oldest) && runtimes.contains(Workbench.newest))
      #expect(PythonInterpreter.installedRuntimes() == runtimes, "what is found without asking is what answers")
      for runtime in runtimes {
        let response = try await bench.response(
          "import sys\ndef handler(event, context): return 'python%d.%d' % sys.version_info[:2]\n", runtime: runtime)
        #expect(response == "\"\(runtime)\"")
      }
      try await bench.close()
    }

    @Test func anUnknownRuntimeIsRefusedNamingThoseThatExist() async throws {
      let bench = try await Workbench()
      await #expect {
        _ = try await bench.start("", runtime: "python2.7")
      } throws: {
        let error = $0 as? SandboxError
        return error?.code == .unknownRuntime && error?.message.contains(Workbench.newest) == true
      }
      await #expect {
        _ = try await bench.start("") { $0.codeDirectory = "/no/such/code" }
      } throws: { ($0 as? SandboxError)?.code == .invalidSpecification }
      try await bench.close()
    }

    /// The thread that owns the sandboxes ends as by kill -9: nobody closes anything.
    @Test func aSandboxDiesWithItsExecutor() async throws {
      let bench = try await Workbench()
      let sandbox = try await bench.start("def handler(event, context): return 1\n")
      let process = sandbox.processID
      #expect(try #require(KernelFile.read("/proc/\(process)/stat")).contains(") S ") || process > 0)
      bench.loop.stop()
      // A zombie until this process, its parent, ends.
      while let state = KernelFile.read("/proc/\(process)/stat"), !state.contains(") Z ") { sched_yield() }
    }

    /// What an executor that died has left behind is cleared away by the next one.
    @Test func staleGroupsAreSweptWithTheirProcesses() async throws {
      let bench = try await Workbench()
      let loop = bench.loop
      let (folders, end) = try await bench.onLoop {
        let layout = try ControlGroupLayout.detect(
          mounts: KernelFile.read("/proc/self/mountinfo") ?? "", membership: KernelFile.read("/proc/self/cgroup") ?? "",
          parent: nil, controllers: KernelFile.read)
        var groups: ControlGroups? = try ControlGroups(layout)
        let group = try #require(try groups?.make(memoryMebibytes: 64, processLimit: 8))
        let end = Box()
        let child = try ChildProcess(.init(program: "sleep", arguments: ["600"]), on: loop) { end.value = $0 }
        for folder in Set(group.paths.values) {
          #expect(KernelFile.write("\(child.processID)", to: "\(folder)/cgroup.procs") == 0)
        }
        // Its lock goes, its folders cannot.
        groups = nil
        let next = try ControlGroups(layout)
        withExtendedLifetime(next) {}
        return (Array(group.paths.values), end)
      }
      #expect(!folders.contains(where: KernelFile.exists))
      while try await bench.onLoop({ end.value }) == nil { sched_yield() }
      #expect(end.value == .killed(signal: SIGKILL))
      try await bench.close()
    }

    private final class Box: @unchecked Sendable {
      var value: ProcessEnd?
    }

    @Test func controlGroupsAreFoundInBothVersions() throws {
      let unified = try ControlGroupLayout.detect(
        mounts: "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
        membership: "0::/system.slice/millrace.service/\(ControlGroupLayout.leaf)\n", parent: nil
      ) { _ in "cpuset cpu io memory pids\n" }
      #expect(unified.version == .unified)
      #expect(unified.folders["memory"] == "/sys/fs/cgroup/system.slice/millrace.service")
      let legacy = try ControlGroupLayout.detect(
        mounts: """
          31 23 0:28 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
          32 23 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
          33 23 0:30 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
          34 23 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
          """, membership: "4:memory:/docker/abc/x\n3:cpu,cpuacct:/a\n2:pids:/\n0::/\n", parent: nil
      ) { _ in "hugetlb\n" }
      #expect(legacy.version == .legacy)
      #expect(
        legacy.folders == [
          "memory": "/sys/fs/cgroup/memory/x", "cpu": "/sys/fs/cgroup/cpu,cpuacct/a", "pids": "/sys/fs/cgroup/pids",
        ])
      #expect {
        _ = try ControlGroupLayout.detect(mounts: "", membership: "", parent: nil) { _ in nil }
      } throws: { ($0 as? SandboxError)?.message.contains("'memory'") == true }
    }

    /// The figures of this machine, printed and not judged.
    @Test func startAndRoundTripAreMeasured() async throws {
      let bench = try await Workbench()
      let source = "def handler(event, context): return event\n"
      for runtime in [Workbench.oldest, "python3.11", Workbench.newest] {
        _ = try await bench.run(source, runtime: runtime)
        var starts: [Duration] = []
        var answers: [Duration] = []
        for _ in 0..<20 {
          let begin = LoopInstant.current()
          let sandbox = try await bench.start(source, runtime: runtime)
          starts.append(LoopInstant.current() - begin)
          _ = await bench.invoke(sandbox)
          answers.append(LoopInstant.current() - begin)
          try await bench.onLoop { sandbox.destroy() }
        }
        let sandbox = try await bench.start(source, runtime: runtime) { $0.memoryMebibytes = 1769 }
        _ = await bench.invoke(sandbox)
        let trips = try await roundTrips(sandbox, bench, count: 2000)
        print(
          "\(runtime): isolated \(starts.sorted()[10]), first answer \(answers.sorted()[10]),",
          "round trip p50 \(trips[1000]) p99 \(trips[1980])")
      }
      try await bench.close()
    }

    private func roundTrips(_ sandbox: Sandbox, _ bench: Workbench, count: Int) async throws -> [Duration] {
      await withCheckedContinuation { continuation in
        bench.loop.execute {
          var trips: [Duration] = []
          func next() {
            let begin = LoopInstant.current()
            sandbox.invoke(SandboxRequest(invocationID: "id", event: Array("{}".utf8))) { _ in
              trips.append(LoopInstant.current() - begin)
              if trips.count == count { continuation.resume(returning: trips.sorted()) } else { next() }
            }
          }
          next()
        }
      }
    }
  }
}
