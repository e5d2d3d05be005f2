/// The applied state as of an index, so that the log before it can go.
package struct Snapshot: Hashable, Sendable {
  /// The last entry the state includes, and its term.
  package let index: LogIndex
  /// The term of that entry.
  package let term: Term
  /// The encoded state; what it means is its writer's business.
  package let state: [UInt8]

  /// A snapshot.
  package init(index: LogIndex, term: Term, state: [UInt8]) {
    self.index = index
    self.term = term
    self.state = state
  }

  func encoded() -> [UInt8] {
    var payload: [UInt8] = []
    payload.appendNumber(index.number)
    payload.appendNumber(term.number)
    payload.append(contentsOf: state)
    return SealedFile.snapshot.seal(payload)
  }

  init(decoding bytes: [UInt8], name: String) throws(ControllerError) {
    let payload = try SealedFile.snapshot.open(bytes, name: name)
    guard payload.count >= 16 else { throw ControllerError(.corrupt, "\(name): not a snapshot") }
    index = LogIndex(payload.number(at: 0, as: UInt64.self))
    term = Term(payload.number(at: 8, as: UInt64.self))
    state = Array(payload[16...])
  }
}
