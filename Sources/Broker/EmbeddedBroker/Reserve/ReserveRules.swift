/// Who gets the last room on the disk. Pure: what it says is carried out by ``DiskReserve``.
///
/// The reserve is held while all is well. Where the broker's own records (topics, committed offsets, checkpoints) find no room, it
/// is given back, and from then on only they are written: batches of clients are refused until there is room for the reserve
/// again, and some more. A client's batch that finds no room is refused and touches nothing.
struct ReserveRules: Equatable, Sendable {
  /// Where the reserve is.
  enum State: Equatable {
    /// On the disk. Goes to `givenBack`.
    case held
    /// The broker's own records have it. Goes to `held`.
    case givenBack
    /// There was no room for it when the broker started for the first time: all are written as long as it goes. Goes to `held`.
    case missing
  }

  /// Whose bytes are written.
  enum Writer: Equatable {
    /// Batches that clients append.
    case clients
    /// Everything else.
    case broker
  }

  /// What becomes of a write that found no room.
  enum Consequence: Equatable {
    /// The writer is told.
    case refuse
    /// The reserve is given back, and the write tried once more.
    case giveBack
    /// The reserve was given back a moment ago, for another one: the write is tried once more.
    case retry
  }

  /// Bytes of the reserve.
  let byteCount: Int64
  private(set) var state = State.missing

  init(byteCount: Int64) { self.byteCount = byteCount }

  /// Whether batches of clients may be written.
  var admitsClients: Bool { state != .givenBack }

  /// What there must be before the reserve is made again: the reserve, and a quarter of it for clients, so that it does not come
  /// and go.
  var wantedByteCount: Int64 { byteCount + byteCount / 4 }

  /// A broker starts. An earlier one had left a file where the length is not nil; a full one was held, an empty one given back.
  mutating func started(foundByteCount: Int64?, isHeld: Bool) {
    state = isHeld ? .held : foundByteCount == nil ? .missing : .givenBack
  }

  /// A write has found no room.
  mutating func foundNoRoom(_ writer: Writer) -> Consequence {
    switch (writer, state) {
    case (.clients, _), (.broker, .missing): return .refuse
    case (.broker, .givenBack): return .retry
    case (.broker, .held):
      state = .givenBack
      return .giveBack
    }
  }

  /// Whether the reserve should be made again.
  func isDue(availableByteCount: Int64) -> Bool { state != .held && availableByteCount >= wantedByteCount }

  /// The reserve is on the disk again.
  mutating func madeAgain() { state = .held }
}
