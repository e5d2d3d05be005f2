package import LogContracts
package import MillraceDomain

/// The topic `functions` as the controller writes it. Used on the loop; tests put a feed here that breaks when they say.
package protocol CatalogueFeed: AnyObject {
  /// The last record there is; nil where there is none. Also ends whatever an earlier failure left half done.
  ///
  /// - Throws: ``ControllerError``; retry.
  func lastPosition() async throws -> FeedPosition?
  /// The keys of every entity that the feed has and that is not deleted there.
  ///
  /// - Throws: ``ControllerError``; retry.
  func liveKeys() async throws -> Set<CatalogueKey>
  /// Appends a record, in the order of the calls, and calls `completed` on the loop: never within this call, exactly once.
  func append(_ record: CatalogueChangeRecord, completed: @escaping (ControllerError?) -> Void)
}
