internal import Catalogue
internal import ControlWire
internal import MillraceDomain

/// What stands in the log's entries, and what it does to the state.
enum EntryPayload {
  /// What an entry came to.
  enum Applied {
    case command(CatalogueDecision)
    case republication([CatalogueChange])

    var committed: CatalogueMember.Committed {
      switch self {
      case .command(let decision): .changes(decision.changes)
      case .republication(let changes): .wholeState(changes)
      }
    }
  }

  static func encode(_ command: CatalogueCommand) -> [UInt8] { ControlProtocol.encode(command) }
  static func encode(_ stale: [CatalogueKey]) -> [UInt8] { ControlProtocol.encode(stale.map(\.description)) }

  /// - Throws: ``ControllerError`` where the entry is none that this version writes.
  static func apply(_ entry: LogEntry, to state: inout CatalogueState) throws(ControllerError) -> Applied {
    let index = CatalogueIndex(entry.index.number)
    switch entry.kind {
    case .command:
      return .command(state.apply(try decoded(CatalogueCommand.self, entry), at: index))
    case .republication:
      let stale = try decoded([String].self, entry).compactMap { CatalogueKey($0) }
      return .republication(state.republish(deleting: stale, at: index))
    // The kinds are an open set on disk: what a later version wrote is not guessed at.
    default:
      throw ControllerError(.unknownFormat, "entry \(entry.index.number) is of the unknown kind \(entry.kind.byte)")
    }
  }

  private static func decoded<Value: Decodable>(
    _ type: Value.Type, _ entry: LogEntry
  ) throws(ControllerError) -> Value {
    do { return try ControlProtocol.decode(type, entry.payload) } catch {
      throw ControllerError(.unknownFormat, "entry \(entry.index.number) cannot be read", underlying: "\(error)")
    }
  }
}
