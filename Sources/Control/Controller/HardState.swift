/// What a member must never forget: the term it is in and whom it voted for in it. Durable before any answer that
/// depends on it. With one member it is term 1 and no vote.
package struct HardState: Hashable, Sendable {
  /// The current term.
  package var term: Term
  /// The member voted for in this term; nil is no vote.
  package var votedFor: UInt64?

  /// The state of a member that is alone.
  package static let alone = HardState(term: Term(1), votedFor: nil)

  static let fileName = "hard-state"

  func encoded() -> [UInt8] {
    var payload: [UInt8] = []
    payload.appendNumber(term.number)
    payload.append(votedFor == nil ? 0 : 1)
    payload.appendNumber(votedFor ?? 0)
    return SealedFile.hardState.seal(payload)
  }

  init(term: Term, votedFor: UInt64?) {
    self.term = term
    self.votedFor = votedFor
  }

  init(decoding bytes: [UInt8]) throws(ControllerError) {
    let payload = try SealedFile.hardState.open(bytes, name: HardState.fileName)
    guard payload.count == 17, payload[8] <= 1 else {
      throw ControllerError(.corrupt, "\(HardState.fileName): not a hard state")
    }
    term = Term(payload.number(at: 0, as: UInt64.self))
    votedFor = payload[8] == 1 ? payload.number(at: 9, as: UInt64.self) : nil
  }
}
