internal import CLinux

/// What a child process is to be. Nothing is inherited but what stands here.
package struct ProcessSpecification: Sendable {
  /// What one of the child's descriptors is.
  package enum Descriptor: Sendable {
    /// `/dev/null`, for reading and writing.
    case null
    /// The parent's descriptor of this number; it stays open in the parent.
    case parent(Int32)
  }

  /// Whose session and process group the child is in.
  package enum Session: Sendable {
    /// The parent's: a terminal's interrupt reaches both.
    case inherited
    /// Its own, without a terminal; ``ChildProcess/signalGroup(_:)`` reaches its children too.
    case own
  }

  /// What becomes of the child when the **thread** that started it ends (`PR_SET_PDEATHSIG`).
  package enum ParentDeath: Sendable {
    /// It goes on.
    case survives
    /// It gets this signal.
    case signals(Int32)
  }

  /// What becomes of what the child has started, in its session, when the child itself has ended.
  package enum Leftovers: Sendable {
    /// They go on.
    case goOn
    /// They are killed. Only with ``Session/own``.
    case areKilled
  }

  /// A user and group of the system, without further groups. Needs root.
  package struct Identity: Sendable {
    package var user: UInt32
    package var group: UInt32
    /// The user and group with these numbers.
    package init(user: UInt32, group: UInt32) {
      self.user = user
      self.group = group
    }
    /// The user `nobody` of Debian: owns nothing.
    package static let nobody = Identity(user: 65534, group: 65534)
  }

  /// A hard limit of the kernel (`setrlimit`), soft and hard alike.
  package enum ResourceLimit: Sendable {
    case addressSpaceBytes(UInt64)
    case processorSeconds(UInt64)
    case openFiles(UInt64)
    case fileBytes(UInt64)
    case processes(UInt64)
    case coreBytes(UInt64)
  }

  /// A path; a name without a slash is looked up in this process's `PATH`.
  package var program: String
  /// The arguments after the program's name.
  package var arguments: [String]
  /// The whole environment.
  package var environment: [String: String]
  /// Where it starts; nil is where this process is.
  package var workingDirectory: String?
  /// The child's descriptors 0, 1, 2, …; every other one is closed.
  package var descriptors: [Descriptor]
  package var session: Session
  package var parentDeath: ParentDeath
  package var leftovers: Leftovers
  /// nil keeps this process's user and groups.
  package var identity: Identity?
  package var resourceLimits: [ResourceLimit]

  /// A process with `/dev/null` as 0, 1 and 2, in its own session, killed with its parent.
  package init(
    program: String, arguments: [String] = [], environment: [String: String] = [:], workingDirectory: String? = nil,
    descriptors: [Descriptor] = [.null, .null, .null], session: Session = .own,
    parentDeath: ParentDeath = .signals(SIGKILL),
    leftovers: Leftovers = .goOn, identity: Identity? = nil, resourceLimits: [ResourceLimit] = []
  ) {
    self.program = program
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.descriptors = descriptors
    self.session = session
    self.parentDeath = parentDeath
    self.leftovers = leftovers
    self.identity = identity
    self.resourceLimits = resourceLimits
  }
}
