/// A moment at which a broker under test is killed, or its disk fails: the so-and-so-many-th time that it comes by.
package struct Failpoint: Sendable, Equatable {
  /// Which moment.
  package enum Moment: String, Sendable, CaseIterable {
    /// A batch was written, and not synced.
    case afterWrite = "after-write"
    /// A file of batches was synced, and nobody told.
    case afterSync = "after-sync"
    /// A segment's file was made, behind the first one.
    case midRoll = "mid-roll"
    /// A snapshot was written beside the old one, and not put in its place.
    case midSnapshot = "mid-snapshot"
    /// A change of topics was written, and not synced.
    case midMetadata = "mid-metadata"
    /// A sync of a file of batches fails. The process is not killed: it has to end itself.
    case failedSync = "failed-sync"
  }

  /// Which moment.
  package let moment: Moment
  /// At which time it comes by: 1 is the first.
  package let count: Int

  package init(_ moment: Moment, count: Int) {
    self.moment = moment
    self.count = count
  }

  /// Reads `after-write:3`; nil where it is none.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let moment = Moment(rawValue: String(parts[0])), let count = Int(parts[1]), count > 0
    else { return nil }
    self.init(moment, count: count)
  }
}
