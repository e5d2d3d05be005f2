internal import Glibc

/// Where this process may make control groups: version 2, or version 1 with one hierarchy for each controller.
struct ControlGroupLayout: Equatable {
  /// The controllers that a sandbox cannot do without.
  static let controllers = ["memory", "cpu", "pids"]

  enum Version: Equatable {
    case unified
    case legacy
  }

  let version: Version
  /// The folder of this process's own group, by controller; the same one for each in version 2.
  let folders: [String: String]

  /// Reads the layout from what the kernel says of mounts and of this process.
  ///
  /// - Parameter parent: a group to use instead of this process's own.
  /// - Throws: ``SandboxError`` naming the controller that is missing.
  static func detect(
    mounts: String, membership: String, parent: String?, controllers available: (String) -> String?
  ) throws(SandboxError) -> ControlGroupLayout {
    let mounted = mounts.split(separator: "\n").compactMap(Mount.init)
    let groups = Membership(membership)
    if let unified = mounted.first(where: { $0.type == "cgroup2" }) {
      let offered = (available(unified.path + "/cgroup.controllers") ?? "").split { $0 == " " || $0 == "\n" }
      if controllers.allSatisfy({ offered.contains(Substring($0)) }) {
        let folder = unified.folder(of: parent ?? withoutLeaf(groups.unified ?? "/"))
        return ControlGroupLayout(
          version: .unified, folders: Dictionary(uniqueKeysWithValues: controllers.map { ($0, folder) }))
      }
    }
    var folders: [String: String] = [:]
    for controller in controllers {
      guard let mount = mounted.first(where: { $0.type == "cgroup" && $0.options.contains(controller) }) else {
        throw SandboxError(
          .isolationImpossible, "no control group controller '\(controller)': neither version 2 nor version 1 offers it"
        )
      }
      folders[controller] = mount.folder(of: parent ?? groups.legacy[controller] ?? "/")
    }
    return ControlGroupLayout(version: .legacy, folders: folders)
  }

  /// The group that processes of a group are moved to, so that the group may have children (version 2 allows only one of
  /// both).
  static let leaf = "millrace-processes"

  private static func withoutLeaf(_ path: String) -> String {
    path.hasSuffix("/" + leaf) ? String(path.dropLast(leaf.count + 1)) : path
  }

  /// One line of `/proc/self/mountinfo`.
  private struct Mount {
    let root: String
    let path: String
    let type: String
    let options: [String]

    init?(_ line: Substring) {
      let halves = line.split(separator: " - ", maxSplits: 1)
      guard halves.count == 2 else { return nil }
      let left = halves[0].split(separator: " ")
      let right = halves[1].split(separator: " ")
      guard left.count >= 5, right.count >= 3 else { return nil }
      root = String(left[3])
      path = String(left[4])
      type = String(right[0])
      options = right[2].split(separator: ",").map(String.init)
    }

    /// The folder of a group; a container sees only what lies below the mount's root.
    func folder(of group: String) -> String {
      let inside = root != "/" && group.hasPrefix(root) ? String(group.dropFirst(root.count)) : group
      let trimmed = inside == "/" ? "" : inside
      return path + (trimmed.isEmpty || trimmed.hasPrefix("/") ? trimmed : "/" + trimmed)
    }
  }

  /// `/proc/self/cgroup`.
  private struct Membership {
    var unified: String?
    var legacy: [String: String] = [:]

    init(_ text: String) {
      for line in text.split(separator: "\n") {
        let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { continue }
        if parts[0] == "0", parts[1].isEmpty { unified = String(parts[2]) }
        for controller in parts[1].split(separator: ",") { legacy[String(controller)] = String(parts[2]) }
      }
    }
  }
}
