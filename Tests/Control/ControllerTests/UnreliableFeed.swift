import Controller
import EventLoop
import LogContracts
import MillraceDomain
import SimulationKit

/// A feed in memory that loses connections: a record may be refused, or kept and reported as refused; what was sent after it
/// is refused as well. Confined to its loop, which makes it Sendable.
final class UnreliableFeed: CatalogueFeed, @unchecked Sendable {
  private let loop: EventLoop
  private var generator: SeededGenerator
  private let failureRate: Int
  private var isBroken = false
  private(set) var records: [CatalogueChangeRecord] = []

  /// A feed that fails once in `failureRate` appends on average.
  init(loop: EventLoop, failureRate: Int, using generator: inout SeededGenerator) {
    self.loop = loop
    self.failureRate = failureRate
    self.generator = generator.split()
  }

  /// Forgets everything: a new Kafka.
  func empty() { records = [] }
  /// Forgets the newest records: a Kafka restored from a backup.
  func lose(_ count: Int) { records.removeLast(min(count, records.count)) }

  func lastPosition() async throws -> FeedPosition? {
    isBroken = false
    if generator.isOne(in: failureRate) { throw ControllerError(.publication, "not now") }
    return records.last.map { FeedPosition(index: $0.index, position: $0.position, count: $0.count) }
  }

  func liveKeys() async throws -> Set<CatalogueKey> {
    if generator.isOne(in: failureRate) { throw ControllerError(.publication, "not now") }
    var keys: Set<CatalogueKey> = []
    for record in records {
      switch record.change {
      case .put(let entity): keys.insert(entity.key)
      case .delete(let key): keys.remove(key)
      }
    }
    return keys
  }

  func append(_ record: CatalogueChangeRecord, completed: @escaping (ControllerError?) -> Void) {
    let refused = ControllerError(.publication, "connection lost")
    var error: ControllerError? = isBroken ? refused : nil
    if !isBroken {
      isBroken = generator.isOne(in: failureRate)
      if isBroken { error = refused }
      if !isBroken || generator.isOne(in: 2) { records.append(record) }
    }
    loop.nextRound { completed(error) }
  }
}
