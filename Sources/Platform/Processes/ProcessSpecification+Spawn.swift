internal import CLinux
internal import CProcesses
internal import Glibc

extension ProcessSpecification {
  /// Starts it; answers the pid and a pidfd that the caller owns.
  func spawn(preparedBy preparation: ProcessPreparation?) throws(ProcessError) -> (processID: Int32, pidfd: Int32) {
    let argumentStrings = CStrings([program] + arguments)
    let environmentStrings = CStrings(environment.map { "\($0.key)=\($0.value)" }.sorted())
    let chosen = descriptors.map { $0.number }
    let limits = resourceLimits.map { $0.request }
    var request = unsafe cprocesses_request()
    unsafe request.descriptor_count = UInt32(chosen.count)
    unsafe request.limit_count = UInt32(limits.count)
    unsafe request.own_session = session.flag
    unsafe request.death_signal = parentDeath.signal
    if let identity {
      unsafe request.has_identity = 1
      unsafe request.user = identity.user
      unsafe request.group = identity.group
    }
    if let preparation {
      unsafe request.namespaces = preparation.namespaces
      unsafe request.prepare = preparation.function
      unsafe request.preparation = preparation.context
    }
    let directory = CStrings(workingDirectory.map { [$0] } ?? [])
    var pidfd: Int32 = -1
    var failure = unsafe cprocesses_failure()
    let processID = unsafe chosen.withUnsafeBufferPointer { chosen in
      unsafe limits.withUnsafeBufferPointer { limits in
        unsafe request.program = UnsafePointer(argumentStrings.pointers[0])
        unsafe request.arguments = UnsafePointer(argumentStrings.pointers)
        unsafe request.environment = UnsafePointer(environmentStrings.pointers)
        unsafe request.directory = UnsafePointer(directory.pointers[0])
        unsafe request.descriptors = chosen.baseAddress
        unsafe request.limits = limits.baseAddress
        return unsafe cprocesses_spawn(&request, &pidfd, &failure)
      }
    }
    guard processID > 0 else {
      let step = unsafe failure.step.map { unsafe String(cString: $0) } ?? "clone"
      throw ProcessError(program: program, step: step, number: unsafe failure.number)
    }
    return (processID, pidfd)
  }

  /// A NULL-terminated array of C strings. `@safe`: it owns the array and the strings from init to deinit.
  @safe private final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
      count = strings.count
      unsafe pointers = .allocate(capacity: count + 1)
      for (index, string) in strings.enumerated() {
        unsafe (pointers + index).initialize(to: strdup(string))
      }
      unsafe (pointers + count).initialize(to: nil)
    }

    deinit {
      for index in 0..<count { unsafe free(pointers[index]) }
      unsafe pointers.deallocate()
    }
  }
}

extension ProcessSpecification.Descriptor {
  fileprivate var number: Int32 {
    switch self {
    case .null: -1
    case .parent(let number): number
    }
  }
}

extension ProcessSpecification.Session {
  fileprivate var flag: Int32 {
    switch self {
    case .inherited: 0
    case .own: 1
    }
  }
}

extension ProcessSpecification.ParentDeath {
  fileprivate var signal: Int32 {
    switch self {
    case .survives: 0
    case .signals(let number): number
    }
  }
}

extension ProcessSpecification.ResourceLimit {
  fileprivate var request: cprocesses_limit {
    switch self {
    case .addressSpaceBytes(let value): request(RLIMIT_AS, value)
    case .processorSeconds(let value): request(RLIMIT_CPU, value)
    case .openFiles(let value): request(RLIMIT_NOFILE, value)
    case .fileBytes(let value): request(RLIMIT_FSIZE, value)
    case .processes(let value): request(__rlimit_resource(6), value)
    case .coreBytes(let value): request(RLIMIT_CORE, value)
    }
  }

  private func request(_ resource: __rlimit_resource, _ value: UInt64) -> cprocesses_limit {
    cprocesses_limit(
      resource: Int32(resource.rawValue), value: rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value)))
  }
}
