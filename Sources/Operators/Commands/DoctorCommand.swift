internal import CommandTable
internal import EventLog
internal import EventLoop
internal import FoundationEssentials
internal import Glibc
internal import PythonSandbox

/// `doctor`: what this machine offers, and what to do where something is missing.
struct DoctorCommand: Sendable {
  /// One thing that was looked at.
  struct Finding: Encodable, Sendable {
    /// How it is.
    enum Grade: String, Encodable, Sendable { case ok, warn, fail }
    let subject: String
    let grade: Grade
    let finding: String
    /// What to do; empty where nothing is to be done.
    let advice: String

    init(_ subject: String, _ grade: Grade, _ finding: String, do advice: String = "") {
      self.subject = subject
      self.grade = grade
      self.finding = finding
      self.advice = advice
    }
  }

  private let command: ParsedCommand
  private let console: Console
  private let environment: [String: String]
  private let loop: EventLoop

  init(_ command: ParsedCommand, _ console: Console, _ environment: [String: String], _ loop: EventLoop) {
    self.command = command
    self.console = console
    self.environment = environment
    self.loop = loop
  }

  /// Exit code 1 where something is missing without which `up` does not work.
  func run() async throws(CommandFailure) -> Int32 {
    let found = await PythonInterpreter.discover(on: loop)
    var findings = interpreters(found)
    findings.append(postgres())
    findings.append(try await kafka())
    findings.append(contentsOf: MachineFindings.isolation())
    if geteuid() == 0, !found.isEmpty { findings.append(await sandbox(found)) }
    findings.append(MachineFindings.disk(command.value("data") ?? DataFolder.standardPath(environment)))
    if command.value("output") == "json" {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      if let bytes = try? encoder.encode(findings) { console.print(bytes: Array(bytes)) }
    } else {
      for finding in findings { show(finding) }
    }
    return findings.contains { $0.grade == .fail } ? CommandFailure.Code.refused.rawValue : 0
  }

  private func show(_ finding: Finding) {
    let grade =
      switch finding.grade {
      case .ok: console.coloured("ok  ", .green)
      case .warn: console.coloured("warn", .yellow)
      case .fail: console.coloured("fail", .red)
      }
    console.print("\(grade)  \(finding.subject): \(finding.finding)")
    if !finding.advice.isEmpty { console.print("      do: \(finding.advice)") }
  }

  private func interpreters(_ found: [PythonInterpreter]) -> [Finding] {
    guard !found.isEmpty else {
      return [Finding("python", .fail, "no CPython 3.8 to 3.13 was found", do: "apt-get install python3")]
    }
    return found.map { Finding("python", .ok, "\($0.runtime) is \($0.version) at \($0.path)") }
  }

  /// The executor's own check of every ingredient: what it refuses, it would refuse at its start.
  private func sandbox(_ interpreters: [PythonInterpreter]) async -> Finding {
    do throws(SandboxError) {
      let host = try SandboxHost(loop: loop, interpreters: interpreters)
      await withCheckedContinuation { continuation in host.close { continuation.resume() } }
      return Finding("sandbox", .ok, "every ingredient of the isolation is there")
    } catch {
      return Finding("sandbox", .fail, "\(error)", do: "mend what is named: the executor does not start without it")
    }
  }

  private func postgres() -> Finding {
    if let folder = PrivatePostgres.binaries() { return Finding("postgresql", .ok, "programs are in \(folder)") }
    return Finding(
      "postgresql", .fail, "no server programs are in /usr/lib/postgresql",
      do: "apt-get install postgresql, or give `up` the --postgres URL of a server")
  }

  private func kafka() async throws(CommandFailure) -> Finding {
    guard let brokers = try TopicsCommand.brokers(command, environment) else {
      return Finding("kafka", .ok, "no address is said: `up` starts the embedded broker")
    }
    do throws(CommandFailure) {
      let count = try await LogBrokers(brokers, loop).use { try await $0.brokerCount(within: .seconds(10)) }
      return Finding("kafka", .ok, "\(brokers) answers; the cluster has \(count) broker\(count == 1 ? "" : "s")")
    } catch {
      return Finding("kafka", .fail, error.message, do: "start Kafka, or correct the address")
    }
  }
}

/// What the kernel and the disk offer.
enum MachineFindings {
  static func isolation() -> [DoctorCommand.Finding] {
    var findings: [DoctorCommand.Finding] = []
    findings.append(
      geteuid() == 0
        ? .init("root", .ok, "sandboxes can be set up")
        : .init("root", .fail, "the executor needs root to set sandboxes up", do: "run `millrace up` as root"))
    findings.append(cgroups())
    let missing = ["mnt", "pid", "ipc", "uts", "net"].filter { access("/proc/self/ns/\($0)", F_OK) != 0 }
    findings.append(
      missing.isEmpty
        ? .init("namespaces", .ok, "mount, PID, IPC, UTS and network namespaces are there")
        : .init(
          "namespaces", .fail, "the kernel lacks \(missing.joined(separator: ", "))", do: "use a kernel that has them"))
    findings.append(
      access("/proc/sys/kernel/seccomp/actions_avail", F_OK) == 0
        ? .init("seccomp", .ok, "system calls can be filtered")
        : .init(
          "seccomp", .fail, "the kernel does not filter system calls", do: "use a kernel with CONFIG_SECCOMP_FILTER"))
    return findings
  }

  private static func cgroups() -> DoctorCommand.Finding {
    let controllers = DataFolder.text("/sys/fs/cgroup/cgroup.controllers") ?? ""
    let version2 = ["memory", "pids", "cpu"].allSatisfy { controllers.split(separator: " ").contains(Substring($0)) }
    if version2 { return .init("cgroup", .ok, "version 2 with memory, pids and cpu") }
    let missing = ["memory", "pids", "cpu"].filter { access("/sys/fs/cgroup/\($0)", F_OK) != 0 }
    if missing.isEmpty { return .init("cgroup", .ok, "version 1 with memory, pids and cpu") }
    return .init(
      "cgroup", .fail, "no hierarchy offers memory, pids and cpu",
      do: "mount cgroup2 at /sys/fs/cgroup with these controllers")
  }

  /// Less than this is too little to go on for long.
  private static let leastFreeMebibytes = 2048

  static func disk(_ path: String) -> DoctorCommand.Finding {
    var existing = path
    while !existing.isEmpty, access(existing, F_OK) != 0 {
      existing = existing.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }
    var status = statvfs()
    guard statvfs(existing.isEmpty ? "/" : existing, &status) == 0 else {
      return .init("disk", .warn, "\(path) cannot be looked at", do: "choose a folder with --data")
    }
    let free = (Int(status.f_bavail) * Int(status.f_frsize)) >> 20
    if free >= leastFreeMebibytes { return .init("disk", .ok, "\(free) MiB are free for \(path)") }
    return .init(
      "disk", .warn, "only \(free) MiB are free for \(path)", do: "choose a folder with more room with --data")
  }
}
