internal import CLinux
internal import CSandbox
internal import Glibc

/// The control groups of one executor, and with them its share of user numbers.
///
/// Each executor of a host holds one numbered group, by a lock on its folder that ends with the process. Whatever is in a
/// numbered group without a lock was left by an executor that died, and is cleared away.
final class ControlGroups {
  private static let prefix = "millrace-"
  private static let blocks = 1024
  /// User numbers of an executor: as many sandboxes can live at once.
  static let usersPerBlock = 1024
  private static let firstUser: UInt32 = 200_000

  let layout: ControlGroupLayout
  /// Which numbered group this executor holds.
  let block: Int
  private var lock: Int32
  private var freeUsers: [UInt32]
  private var nextName = 0

  /// - Throws: ``SandboxError`` naming the step that is impossible.
  init(_ layout: ControlGroupLayout) throws(SandboxError) {
    self.layout = layout
    try ControlGroups.enableControllers(layout)
    var held: (block: Int, lock: Int32)?
    for block in 0..<ControlGroups.blocks where held == nil {
      try ControlGroups.makeFolders(layout, block)
      if let lock = ControlGroups.tryLock(layout, block) { held = (block, lock) }
    }
    guard let held else {
      throw SandboxError(.exhausted, "every one of \(ControlGroups.blocks) numbered groups is in use")
    }
    block = held.block
    lock = held.lock
    let first = ControlGroups.firstUser + UInt32(held.block * ControlGroups.usersPerBlock)
    freeUsers = Array((first..<first + UInt32(ControlGroups.usersPerBlock)).reversed())
    ControlGroups.sweep(layout, held.block)
    try ControlGroups.enableControllers(below: layout, held.block)
    sweepOthers()
  }

  deinit { close() }

  /// Makes the group of one sandbox. Its user number is no other living sandbox's.
  func make(
    memoryMebibytes: Int, processLimit: Int
  ) throws(SandboxError) -> SandboxControlGroup {
    guard let user = freeUsers.popLast() else { throw SandboxError(.exhausted, "no user number is free") }
    nextName += 1
    let paths = layout.folders.mapValues { ControlGroups.folder($0, block) + "/\(nextName)" }
    do throws(SandboxError) {
      return try SandboxControlGroup(
        version: layout.version, paths: paths, user: user, memoryMebibytes: memoryMebibytes, processLimit: processLimit)
    } catch {
      freeUsers.append(user)
      throw error
    }
  }

  /// Takes the user number back, after the sandbox's last process has ended.
  func release(_ group: SandboxControlGroup) { freeUsers.insert(group.user, at: 0) }

  /// Removes this executor's group, which must be empty, and gives up its number. Harmless when repeated.
  func close() {
    guard lock >= 0 else { return }
    defer { lock = -1 }
    for folder in Set(layout.folders.values) { KernelFile.removeFolder(ControlGroups.folder(folder, block)) }
    Glibc.close(lock)
  }

  /// The folders of this executor's group, one for each hierarchy.
  var ownFolders: [String] { Set(layout.folders.values).map { ControlGroups.folder($0, block) } }

  // MARK: making and finding

  private static func folder(_ parent: String, _ block: Int) -> String { "\(parent)/\(prefix)\(block)" }

  private static func makeFolders(_ layout: ControlGroupLayout, _ block: Int) throws(SandboxError) {
    for parent in Set(layout.folders.values) {
      let number = KernelFile.makeFolder(folder(parent, block))
      guard number == 0 || number == EEXIST else {
        throw SandboxError(
          .isolationImpossible, "mkdir of control group \(folder(parent, block)): \(KernelFile.text(number))")
      }
    }
  }

  /// The lock's descriptor; nil where another process holds it.
  private static func tryLock(_ layout: ControlGroupLayout, _ block: Int) -> Int32? {
    guard let parent = layout.folders["pids"] else { return nil }
    let descriptor = KernelFile.open(folder(parent, block), O_RDONLY | O_DIRECTORY)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      Glibc.close(descriptor)
      return nil
    }
    return descriptor
  }

  private static func enableControllers(_ layout: ControlGroupLayout) throws(SandboxError) {
    guard layout.version == .unified, let parent = layout.folders["pids"] else { return }
    if enable(parent) == 0 { return }
    // The group has processes, and may have children only without: move them into one child.
    let leaf = "\(parent)/\(ControlGroupLayout.leaf)"
    _ = KernelFile.makeFolder(leaf)
    for process in (KernelFile.read("\(parent)/cgroup.procs") ?? "").split(separator: "\n") {
      _ = KernelFile.write(String(process), to: "\(leaf)/cgroup.procs")
    }
    let number = enable(parent)
    guard number == 0 else {
      throw SandboxError(
        .isolationImpossible,
        "enabling memory, cpu and pids in \(parent)/cgroup.subtree_control: \(KernelFile.text(number))")
    }
  }

  private static func enableControllers(below layout: ControlGroupLayout, _ block: Int) throws(SandboxError) {
    guard layout.version == .unified, let parent = layout.folders["pids"] else { return }
    let number = enable(folder(parent, block))
    guard number == 0 else {
      throw SandboxError(
        .isolationImpossible, "enabling controllers in \(folder(parent, block)): \(KernelFile.text(number))")
    }
  }

  private static func enable(_ folder: String) -> Int32 {
    KernelFile.write("+memory +cpu +pids", to: "\(folder)/cgroup.subtree_control")
  }

  // MARK: sweeping

  private func sweepOthers() {
    guard let parent = layout.folders["pids"] else { return }
    for name in KernelFile.names(in: parent) where name.hasPrefix(ControlGroups.prefix) {
      guard let other = Int(name.dropFirst(ControlGroups.prefix.count)), other != block,
        let lock = ControlGroups.tryLock(layout, other)
      else { continue }
      ControlGroups.sweep(layout, other)
      for folder in Set(layout.folders.values) { KernelFile.removeFolder(ControlGroups.folder(folder, other)) }
      Glibc.close(lock)
    }
  }

  /// Kills what is left in a group whose lock we hold, and removes the groups of its sandboxes.
  private static func sweep(_ layout: ControlGroupLayout, _ block: Int) {
    let folders = Set(layout.folders.values).map { folder($0, block) }
    for folder in folders {
      for name in KernelFile.names(in: folder) {
        for process in (KernelFile.read("\(folder)/\(name)/cgroup.procs") ?? "").split(separator: "\n") {
          Int32(process).map(killAndWait)
        }
      }
    }
    for folder in folders {
      for name in KernelFile.names(in: folder) where Int(name) != nil { KernelFile.removeFolder("\(folder)/\(name)") }
    }
  }

  /// The first process of a sandbox takes all others with it; its end is the end of all.
  private static func killAndWait(_ process: Int32) {
    let pidfd = csandbox_open_process(process)
    guard pidfd >= 0 else { return }
    defer { Glibc.close(pidfd) }
    kill(process, SIGKILL)
    var wait = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&wait, 1, 5000)
  }
}
