import EmbeddedBroker
import Glibc
import Testing

struct OpenFileLimitTests {
  private let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

  @Test func `the limit of open files is raised to what the system allows`() throws {
    var before = rlimit()
    try #require(getrlimit(resource, &before) == 0)
    defer { setrlimit(resource, &before) }
    var low = before
    low.rlim_cur = before.rlim_max - 1
    try #require(setrlimit(resource, &low) == 0)
    #expect(OpenFileLimit.raise() == Int(clamping: before.rlim_max))
    var after = rlimit()
    #expect(getrlimit(resource, &after) == 0 && after.rlim_cur == before.rlim_max)
    #expect(OpenFileLimit.raise() == Int(clamping: before.rlim_max), "once more changes nothing")
  }
}
