package import MillraceDomain

/// A place in the feed `functions`: one record of an index.
package struct FeedPosition: Hashable, Sendable {
  /// The index.
  package let index: CatalogueIndex
  /// The record's place among those of the index, from 0.
  package let position: Int64
  /// How many records the index has.
  package let count: Int64

  /// A place from its parts.
  package init(index: CatalogueIndex, position: Int64, count: Int64) {
    self.index = index
    self.position = position
    self.count = count
  }
}

/// The controller's decisions. Pure.
package enum ControllerRules {
  /// How publication goes on, given the feed's last record.
  package enum Resumption: Hashable, Sendable {
    /// With the queued changes from this index and position on; nil index: with the first that is queued.
    case goOn(from: CatalogueIndex?, position: Int64)
    /// The feed lacks changes that are not queued any more: it is told the whole state.
    case republish
    /// The feed knows what this catalogue does not. The reason, for people.
    case refuse(String)
  }

  /// Decides how publication goes on.
  ///
  /// - Parameters:
  ///   - last: the feed's last record; nil where it is empty.
  ///   - floor: every change up to this index was published once and may be gone from the queue; 0: there was none.
  ///   - queued: the indexes with changes above the floor, ascending, and the number of their changes.
  ///   - applied: the last index of the catalogue.
  package static func resumption(
    after last: FeedPosition?, floor: CatalogueIndex, queued: [(index: CatalogueIndex, count: Int64)],
    applied: CatalogueIndex
  ) -> Resumption {
    guard let last else { return floor.number == 0 ? .goOn(from: nil, position: 0) : .republish }
    guard last.index <= applied else {
      return .refuse(
        "the topic has changes up to index \(last.index), the directory knows \(applied): it belongs to another "
          + "catalogue, or the directory is an old copy")
    }
    if last.index < floor { return .republish }
    let isComplete = last.position == last.count - 1
    if last.index == floor { return isComplete ? .goOn(from: nil, position: 0) : .republish }
    guard let same = queued.first(where: { $0.index == last.index }), same.count == last.count else {
      return .refuse("the topic has \(last.count) changes at index \(last.index), the directory has others")
    }
    guard isComplete else { return .goOn(from: last.index, position: last.position + 1) }
    return .goOn(from: last.index.next, position: 0)
  }

  /// Whether the state as of `applied` should become a snapshot.
  package static func isSnapshotDue(applied: CatalogueIndex, snapshot: CatalogueIndex, entriesPerSnapshot: UInt64)
    -> Bool
  {
    applied.number - snapshot.number >= entriesPerSnapshot
  }

  /// Whether a snapshot may be kept: what it holds must be on the feed, or a start from it could not say what is missing there.
  package static func mayKeepSnapshot(of index: CatalogueIndex, published: CatalogueIndex) -> Bool {
    index <= published
  }
}
