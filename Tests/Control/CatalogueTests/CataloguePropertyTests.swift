import Catalogue
import MillraceDomain
import SimulationKit
import Testing

/// What must hold of the catalogue for any sequence of commands.
@Suite struct CataloguePropertyTests {
  @Test func `Replaying the commands gives the same state and decisions`() throws {
    try SeededProperty.holds { generator in
      var source = CommandGenerator(&generator)
      let commands = source.commands(150)
      var (first, second) = (CatalogueState(), CatalogueState())
      let decisions = first.apply(commands)
      try SeededProperty.claim(second.apply(commands) == decisions, "the decisions differ")
      try SeededProperty.claim(first == second && first.encoded() == second.encoded(), "the states differ")
    }
  }

  @Test func `A snapshot and the commands after it give the state of all commands`() throws {
    try SeededProperty.holds { generator in
      var source = CommandGenerator(&generator)
      let commands = source.commands(150)
      let cut = Int.random(in: 0...commands.count, using: &generator)
      var whole = CatalogueState()
      let decisions = whole.apply(commands)
      var head = CatalogueState()
      _ = head.apply(Array(commands[..<cut]))
      var restored = try CatalogueState(decoding: head.encoded())
      try SeededProperty.claim(restored == head, "the snapshot at \(cut) is another state")
      try SeededProperty.claim(
        restored.apply(Array(commands[cut...])) == Array(decisions[cut...]) && restored == whole,
        "the tail after \(cut) leads elsewhere")
    }
  }

  @Test func `Repeating an accepted command changes nothing and answers the same`() throws {
    try SeededProperty.holds { generator in
      var source = CommandGenerator(&generator)
      var state = CatalogueState()
      for command in source.commands(150) {
        let decision = state.apply(command, at: state.appliedIndex.next)
        guard case .accepted(let outcome) = decision.answer else { continue }
        if case .functionDeleted = outcome { continue }
        var repeated = command
        repeated.time = Timestamp(milliseconds: command.time.milliseconds + 1_000)
        let before = state.entities
        let again = state.apply(repeated, at: state.appliedIndex.next)
        try SeededProperty.claim(again.changes.isEmpty && state.entities == before, "\(command.action) changed twice")
        try SeededProperty.claim(again.answer == decision.answer, "\(command.action) answered otherwise")
      }
    }
  }

  /// A reader of `functions` that applies the changes in order has exactly the catalogue's entities.
  @Test func `The changes alone rebuild the entities`() throws {
    try SeededProperty.holds { generator in
      var source = CommandGenerator(&generator)
      var state = CatalogueState()
      var view: [CatalogueKey: CatalogueEntity] = [:]
      for command in source.commands(200) {
        let decision = state.apply(command, at: state.appliedIndex.next)
        if case .rejected = decision.answer {
          try SeededProperty.claim(decision.changes.isEmpty, "rejected, yet changed")
        }
        for change in decision.changes {
          switch change {
          case .put(let entity): view[entity.key] = entity
          case .delete(let key): view[key] = nil
          }
        }
        let entities = Dictionary(uniqueKeysWithValues: state.entities.map { ($0.key, $0) })
        try SeededProperty.claim(view == entities, "the view differs after \(command.action)")
        try SeededProperty.claim(
          state.changedIndex <= state.appliedIndex
            && (decision.changes.isEmpty || state.changedIndex == state.appliedIndex),
          "the index of the last change is wrong")
      }
    }
  }

  @Test func `A version number means one thing for ever`() throws {
    try SeededProperty.holds { generator in
      var source = CommandGenerator(&generator)
      var state = CatalogueState()
      var meanings: [CatalogueKey: CatalogueEntity] = [:]
      for command in source.commands(300) {
        for case .put(let entity) in state.apply(command, at: state.appliedIndex.next).changes {
          guard case .version = entity else { continue }
          try SeededProperty.claim(meanings[entity.key] == nil, "\(entity.key) was there before")
          meanings[entity.key] = entity
        }
      }
    }
  }

  @Test func `Damaged snapshots are refused and never crash`() throws {
    try SeededProperty.holds { generator in
      var source = CommandGenerator(&generator)
      var state = CatalogueState()
      _ = state.apply(source.commands(40))
      var bytes = state.encoded()
      try SeededProperty.claim((try? CatalogueState(decoding: Array(bytes.dropLast()))) == nil, "a cut one was taken")
      try SeededProperty.claim((try? CatalogueState(decoding: bytes + [0])) == nil, "a longer one was taken")
      bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
      _ = try? CatalogueState(decoding: bytes)
    }
  }
}
