internal import CLinux
internal import CSandbox
internal import Glibc

/// The control group of one sandbox: memory with swap, processor time, number of processes.
final class SandboxControlGroup {
  private static let periodMicroseconds = 20_000
  /// The memory that buys one core, as on Lambda.
  private static let mebibytesPerCore = 1769
  /// Nobody gets less than a quarter of a core. The short period keeps a throttled function from standing still for long.
  private static let leastQuotaMicroseconds = 5_000

  /// The user and group number of the sandbox's processes.
  let user: UInt32
  /// Whether `descriptors` holds one folder of version 2.
  let version: ControlGroupLayout.Version
  /// What the sandbox enters the group by: `tasks` files, or the folder in version 2.
  private(set) var descriptors: [Int32] = []
  /// The group's folder, by controller.
  let paths: [String: String]
  private let memoryMebibytes: Int
  /// Processes and threads that there may be.
  let processLimit: Int
  private var peakFile: Int32 = -1
  private var processEventsFile: Int32 = -1

  init(
    version: ControlGroupLayout.Version, paths: [String: String], user: UInt32, memoryMebibytes: Int, processLimit: Int
  ) throws(SandboxError) {
    self.version = version
    self.paths = paths
    self.user = user
    self.memoryMebibytes = memoryMebibytes
    self.processLimit = processLimit
    do throws(SandboxError) {
      for path in Set(paths.values) {
        let number = KernelFile.makeFolder(path)
        guard number == 0 else {
          throw SandboxError(.startFailed, "mkdir of control group \(path): \(KernelFile.text(number))")
        }
      }
      try setLimits()
      try openDescriptors()
    } catch {
      closeDescriptors()
      remove()
      throw error
    }
  }

  deinit {
    closeDescriptors()
    for file in [peakFile, processEventsFile] where file >= 0 { close(file) }
  }

  /// Closes what only the start needs.
  func closeDescriptors() {
    for descriptor in descriptors { close(descriptor) }
    descriptors = []
  }

  /// Takes away the core that importing the module has had, leaving the share that the memory buys.
  func limitProcessorTime() -> Int32 {
    writeQuota(max(SandboxControlGroup.leastQuotaMicroseconds, proportionalQuota))
  }

  /// The most memory used so far, in MiB, rounded up.
  var peakMemoryMebibytes: Int {
    (number(in: peakFile, after: 0) + (1 << 20) - 1) >> 20
  }

  /// How often a process or thread was refused because of the limit; 0 where the kernel does not count that.
  var refusedProcesses: Int { number(in: processEventsFile, after: "max ".utf8.count) }

  /// The number at the position of a small file that is kept open: read once and more for each invocation.
  private func number(in file: Int32, after position: Int) -> Int {
    guard file >= 0 else { return 0 }
    var digits = [UInt8](repeating: 0, count: 32)
    let count = unsafe pread(file, &digits, digits.count, 0)
    return digits.prefix(max(0, count)).dropFirst(position).prefix { $0 >= 48 && $0 <= 57 }
      .reduce(0) { $0 * 10 + Int($1 - 48) }
  }

  /// How often the kernel has killed a process of the group for want of memory.
  var outOfMemoryKills: Int {
    let text = KernelFile.read(path("memory") + (version == .unified ? "/memory.events" : "/memory.oom_control")) ?? ""
    for line in text.split(separator: "\n") where line.hasPrefix("oom_kill ") {
      return Int(line.dropFirst(9)) ?? 0
    }
    return 0
  }

  /// Removes the group; false while a process is still in it.
  @discardableResult
  func remove() -> Bool {
    var isGone = true
    for path in Set(paths.values) {
      let number = KernelFile.removeFolder(path)
      if number != 0, number != ENOENT { isGone = false }
    }
    return isGone
  }

  // MARK: limits

  private func path(_ controller: String) -> String { paths[controller] ?? "" }

  private var proportionalQuota: Int {
    SandboxControlGroup.periodMicroseconds * memoryMebibytes / SandboxControlGroup.mebibytesPerCore
  }

  private func writeQuota(_ microseconds: Int) -> Int32 {
    switch version {
    case .unified:
      KernelFile.write("\(microseconds) \(SandboxControlGroup.periodMicroseconds)", to: path("cpu") + "/cpu.max")
    case .legacy: KernelFile.write("\(microseconds)", to: path("cpu") + "/cpu.cfs_quota_us")
    }
  }

  private func setLimits() throws(SandboxError) {
    let bytes = memoryMebibytes << 20
    switch version {
    case .unified:
      try set("memory", "memory.max", "\(bytes)")
      try setSwap("memory.swap.max", "0")
      try set("memory", "memory.oom.group", "1")
    case .legacy:
      try set("memory", "memory.limit_in_bytes", "\(bytes)")
      try setSwap("memory.memsw.limit_in_bytes", "\(bytes)")
      try set("cpu", "cpu.cfs_period_us", "\(SandboxControlGroup.periodMicroseconds)")
    }
    try set("pids", "pids.max", "\(processLimit)")
    let number = writeQuota(max(SandboxControlGroup.periodMicroseconds, proportionalQuota))
    guard number == 0 else {
      throw SandboxError(.startFailed, "control group's processor quota: \(KernelFile.text(number))")
    }
  }

  private func set(_ controller: String, _ file: String, _ value: String) throws(SandboxError) {
    let number = KernelFile.write(value, to: "\(path(controller))/\(file)")
    guard number == 0 else {
      throw SandboxError(.startFailed, "control group's \(file): \(KernelFile.text(number))")
    }
  }

  /// A kernel without accounting of swap is fine only where there is no swap.
  private func setSwap(_ file: String, _ value: String) throws(SandboxError) {
    if !KernelFile.exists("\(path("memory"))/\(file)"), !SandboxControlGroup.hostSwaps { return }
    try set("memory", file, value)
  }

  private static var hostSwaps: Bool {
    (KernelFile.read("/proc/swaps") ?? "").split(separator: "\n").count > 1
  }

  private func openDescriptors() throws(SandboxError) {
    let wanted: [String]
    switch version {
    case .unified: wanted = [path("memory")]
    case .legacy: wanted = ControlGroupLayout.controllers.map { path($0) + "/tasks" }
    }
    for file in wanted {
      let flags = version == .unified ? O_RDONLY | O_DIRECTORY : O_WRONLY
      let descriptor = KernelFile.open(file, flags)
      guard descriptor >= 0 else { throw SandboxError(.startFailed, "open of \(file): \(KernelFile.text(errno))") }
      descriptors.append(descriptor)
    }
    let peak = version == .unified ? "/memory.peak" : "/memory.max_usage_in_bytes"
    peakFile = KernelFile.open(path("memory") + peak, O_RDONLY)
    processEventsFile = KernelFile.open(path("pids") + "/pids.events", O_RDONLY)
    if peakFile < 0 { peakFile = KernelFile.open(path("memory") + "/memory.current", O_RDONLY) }
  }
}
