/// Who goes into the commit journal.
enum CommitRules {
  /// Whether syncs are under way while a commit begins.
  enum Company: Sendable, Equatable { case alone, others }

  /// The places of those that a journal takes. Alone, a partition is synced: the journal would cost the same, and its bytes would be
  /// written twice. Where another is at it, the journal lets those that come meanwhile gather behind it.
  ///
  /// - Parameter byteCounts: of each partition what it would give the journal; nil where it must be synced.
  static func journaled(_ byteCounts: [Int?], _ company: Company, frameLimitBytes: Int) -> [Int] {
    var (places, room): ([Int], Int) = ([], frameLimitBytes)
    for (place, byteCount) in byteCounts.enumerated() {
      guard let byteCount, byteCount <= room else { continue }
      places.append(place)
      room -= byteCount
    }
    return places.count > 1 || company == .others ? places : []
  }
}
