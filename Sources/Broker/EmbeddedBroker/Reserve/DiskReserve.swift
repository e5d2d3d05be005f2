internal import EventLoop
internal import PartitionLog
internal import Synchronization
internal import Telemetry

/// A file of the data folder that holds room on the disk for what must be written where clients find none. From any thread; it
/// blocks only where the disk is full, or has just been.
final class DiskReserve: Sendable {
  /// The file's name in the data folder.
  static let name = "reserve"

  private let directory: String
  private let room: any DiskRoom
  private let rules: Mutex<ReserveRules>
  /// What the rules say, for whoever asks at each write.
  private let isHeld = Atomic<Bool>(false)
  private let refusesClients = Atomic<Bool>(false)
  /// When a refused client has last made it look whether there is room, in nanoseconds.
  private let lastLook = Atomic<Int64>(0)
  private let logger = Logger(label: "broker.reserve")

  /// The reserve of a data folder; nothing is made yet.
  init(directory: String, byteCount: Int64, room: any DiskRoom) {
    self.directory = directory
    self.room = room
    rules = Mutex(ReserveRules(byteCount: byteCount))
  }

  private var path: String { "\(directory)/\(Self.name)" }

  /// Makes it, as the first thing in a folder that is locked. Where there is no room the broker goes on without.
  func prepare() {
    rules.withLock { rules in
      var found: Int64?
      do throws(FileError) {
        found = try room.heldByteCount(path)
        try room.hold(rules.byteCount, in: path)
        rules.started(foundByteCount: found, isHeld: true)
      } catch {
        rules.started(foundByteCount: found, isHeld: false)
        logger.warning(
          rules.admitsClients
            ? "no room for the reserve: where the disk is full, offsets and topics cannot be kept either"
            : "the disk is full still: clients' batches are refused until there is room for the reserve",
          [(BrokerSignals.reason, "\(error)"), (BrokerSignals.bytes, "\(rules.wantedByteCount)")])
      }
      publish(rules)
    }
  }

  /// Whether batches of clients may be written. Who is refused makes it look for room, once a second.
  func admitsClients() -> Bool {
    guard refusesClients.load(ordering: .relaxed) else { return true }
    let now = LoopInstant.current().nanoseconds
    let last = lastLook.load(ordering: .relaxed)
    guard now >= last + BrokerLimits.reserveLookNanoseconds,
      lastLook.compareExchange(expected: last, desired: now, ordering: .relaxed).exchanged
    else { return false }
    look()
    return !refusesClients.load(ordering: .relaxed)
  }

  /// Does what writes for the broker; where there is no room, once more with the reserve's.
  func retrying<Value>(_ write: () throws(FileError) -> Value) throws(FileError) -> Value {
    do throws(FileError) { return try write() } catch {
      guard error.isOutOfSpace, !error.isFailedSync, isWorthRetrying(error) else { throw error }
    }
    return try write()
  }

  private func isWorthRetrying(_ error: FileError) -> Bool {
    rules.withLock { rules in
      switch rules.foundNoRoom(.broker) {
      case .refuse: return false
      case .retry: return true
      case .giveBack:
        publish(rules)
        logger.error(
          "the disk is full: the reserve is given back, and clients' batches are refused until there is room",
          [(BrokerSignals.reason, "\(error)"), (BrokerSignals.bytes, "\(rules.wantedByteCount)")])
        do throws(FileError) { try room.giveBack(path) } catch {
          logger.error("the reserve could not be given back", [(BrokerSignals.reason, "\(error)")])
        }
        return true
      }
    }
  }

  /// Makes it again where there is room: after something was removed, and now and then.
  func look() {
    guard !isHeld.load(ordering: .relaxed) else { return }
    rules.withLock { rules in
      // Where the disk cannot be asked, or another one was faster, it is as if there were no room yet.
      guard let available = try? room.availableByteCount(at: directory), rules.isDue(availableByteCount: available),
        (try? room.hold(rules.byteCount, in: path)) != nil
      else { return }
      rules.madeAgain()
      publish(rules)
      logger.info("there is room on the disk again: the reserve is made, and clients are served", [])
    }
  }

  private func publish(_ rules: ReserveRules) {
    BrokerMetrics.shared.reserve.set(rules.state == .held ? Double(rules.byteCount) : 0)
    BrokerMetrics.shared.full.set(rules.admitsClients ? 0 : 1)
    isHeld.store(rules.state == .held, ordering: .relaxed)
    refusesClients.store(!rules.admitsClients, ordering: .relaxed)
  }
}
