internal import MillraceDomain

/// Which unpacked packages are there, which are in use, and which go first. Pure.
struct CodeCacheIndex: Sendable {
  private struct Entry {
    let byteCount: Int
    var users: Int
    var lastUse: UInt64
  }

  let byteLimit: Int
  private var entries: [CodeDigest: Entry] = [:]
  private var uses: UInt64 = 0
  /// Bytes of everything that is there.
  private(set) var byteCount = 0

  init(byteLimit: Int) { self.byteLimit = byteLimit }

  func contains(_ digest: CodeDigest) -> Bool { entries[digest] != nil }

  /// A package is there now, not in use yet. Answers which others are to be removed: the least recently used ones that nobody
  /// uses, until the rest fits or no more may go.
  mutating func insert(_ digest: CodeDigest, byteCount size: Int) -> [CodeDigest] {
    precondition(entries[digest] == nil)
    uses += 1
    entries[digest] = Entry(byteCount: size, users: 0, lastUse: uses)
    byteCount += size
    var removed: [CodeDigest] = []
    let candidates = entries.filter { $0.value.users == 0 && $0.key != digest }.sorted {
      $0.value.lastUse < $1.value.lastUse
    }
    for (candidate, entry) in candidates {
      guard byteCount > byteLimit else { break }
      entries[candidate] = nil
      byteCount -= entry.byteCount
      removed.append(candidate)
    }
    return removed
  }

  /// Somebody uses a package that is there: it stays until it is released as often.
  mutating func acquire(_ digest: CodeDigest) {
    uses += 1
    entries[digest]!.users += 1
    entries[digest]!.lastUse = uses
  }

  mutating func release(_ digest: CodeDigest) {
    uses += 1
    entries[digest]!.users -= 1
    entries[digest]!.lastUse = uses
    precondition(entries[digest]!.users >= 0)
  }
}
