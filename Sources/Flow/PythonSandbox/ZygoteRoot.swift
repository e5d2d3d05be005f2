internal import CSandbox
internal import Glibc

/// What the file system of an interpreter's sandboxes is made of. Nothing of the host that an interpreter does not need.
struct ZygoteRoot {
  enum Step: Equatable {
    /// An empty folder.
    case folder(String)
    /// The host's file or folder, read-only, at the same place.
    case host(String)
    /// A file or folder of the host's at another place.
    case hostAt(String, String)
    case device(String)
    case file(String, text: String)
    case link(String, target: String)
  }

  /// Where the library is, inside.
  static let libraryPath = "/.millrace/libMillraceSandbox.so"

  let steps: [Step]

  /// The root for an interpreter on this host.
  init(for interpreter: PythonInterpreter, libraryPath: String) {
    var steps: [Step] = ["/proc", "/tmp", "/var/task", "/opt", "/dev", "/etc"].map { .folder($0) }
    steps.append(.host("/usr"))
    for name in ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] where KernelFile.exists(name) {
      steps.append(KernelFile.linkTarget(name).map { .link(name, target: $0) } ?? .host(name))
    }
    for place in [interpreter.prefix, interpreter.path] where !ZygoteRoot.covers(steps, place) {
      steps.append(.host(place))
    }
    steps.append(.hostAt(libraryPath, ZygoteRoot.libraryPath))
    steps += ZygoteRoot.devices + ZygoteRoot.settings
    self.steps = steps
  }

  private static func covers(_ steps: [Step], _ place: String) -> Bool {
    steps.contains { step in
      guard case .host(let path) = step else { return false }
      return place == path || place.hasPrefix(path + "/")
    }
  }

  /// Five devices; the rest of `/dev` are links. Shared memory lies in `/tmp` and so within its limit.
  private static let devices: [Step] =
    ["null", "zero", "full", "random", "urandom"].map { .device("/dev/\($0)") } + [
      .link("/dev/shm", target: "/tmp"), .link("/dev/fd", target: "/proc/self/fd"),
      .link("/dev/stdin", target: "/proc/self/fd/0"), .link("/dev/stdout", target: "/proc/self/fd/1"),
      .link("/dev/stderr", target: "/proc/self/fd/2"),
    ]

  private static let settings: [Step] =
    [
      .file(
        "/etc/passwd", text: "root:x:0:0:root:/:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/tmp:/usr/sbin/nologin\n"
      ),
      .file("/etc/group", text: "root:x:0:\nnogroup:x:65534:\n"),
      .file("/etc/hosts", text: "127.0.0.1 localhost\n::1 localhost\n"),
      .file("/etc/nsswitch.conf", text: "passwd: files\ngroup: files\nhosts: files dns\n"),
      .file("/etc/resolv.conf", text: ""),
    ] + ["/etc/ld.so.cache", "/etc/alternatives", "/etc/ssl/certs"].filter(KernelFile.exists).map { .host($0) }
}

/// The steps as C reads them. `@safe`: it owns every pointer from init to deinit.
@safe final class ZygoteRootPlan {
  private let operations: UnsafeMutablePointer<csandbox_operation>
  private let count: Int
  private var strings: [UnsafeMutablePointer<CChar>] = unsafe []
  private let plan: UnsafeMutablePointer<csandbox_root>

  init(_ root: ZygoteRoot) {
    count = root.steps.count
    unsafe operations = .allocate(capacity: count)
    unsafe plan = .allocate(capacity: 1)
    let list = unsafe csandbox_root(operations: operations, count: UInt32(count))
    unsafe plan.initialize(to: list)
    for (index, step) in root.steps.enumerated() {
      let (kind, source, target) = ZygoteRootPlan.parts(step)
      let sourceCopy = unsafe copy(source)
      let targetCopy = unsafe copy(target)
      unsafe (operations + index).initialize(
        to: unsafe csandbox_operation(kind: kind, source: sourceCopy, target: targetCopy))
    }
  }

  deinit {
    unsafe strings.forEach { unsafe free($0) }
    unsafe operations.deallocate()
    unsafe plan.deallocate()
  }

  /// What `csandbox_enter_root` takes. Valid as long as this object.
  var context: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(plan) }

  private func copy(_ string: String) -> UnsafePointer<CChar>? {
    guard let copied = unsafe strdup(string) else { return nil }
    unsafe strings.append(copied)
    return unsafe UnsafePointer(copied)
  }

  private static func parts(_ step: ZygoteRoot.Step) -> (csandbox_kind, String, String) {
    switch step {
    case .folder(let path): (CSANDBOX_DIRECTORY, "", path)
    case .host(let path): (CSANDBOX_BIND, path, path)
    case .hostAt(let source, let path): (CSANDBOX_BIND, source, path)
    case .device(let path): (CSANDBOX_DEVICE, path, path)
    case .file(let path, let text): (CSANDBOX_FILE, text, path)
    case .link(let path, let target): (CSANDBOX_SYMLINK, target, path)
    }
  }
}
