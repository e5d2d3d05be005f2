internal import Glibc

/// How many files the process may have open: one for each partition and each connection, and more. Many systems begin with 1,024,
/// for programs that cannot count further, and allow many more to who asks.
package enum OpenFileLimit {
  /// Asks for as many as the system allows. For a process that starts no others: they would get the same.
  ///
  /// - Returns: how many files may be open now.
  @discardableResult
  package static func raise() -> Int {
    var limit = current
    guard limit.rlim_cur < limit.rlim_max else { return count(limit) }
    limit.rlim_cur = limit.rlim_max
    // Where it is refused, what there was still holds: the broker serves as many partitions as there are files for.
    return unsafe setrlimit(resource, &limit) == 0 ? count(limit) : count(current)
  }

  private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

  private static var current: rlimit {
    var limit = rlimit()
    unsafe getrlimit(resource, &limit)
    return limit
  }

  private static func count(_ limit: rlimit) -> Int { Int(clamping: limit.rlim_cur) }
}
