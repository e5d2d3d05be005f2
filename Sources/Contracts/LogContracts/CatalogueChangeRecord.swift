package import LogRecords
package import MillraceDomain

/// What a committed command did to one entity of the catalogue (topic `functions`). A command that changes several
/// entities writes as many records with the same index, at positions 0…count-1.
package struct CatalogueChangeRecord: Hashable, Sendable {
  /// The index of the command in the catalogue's log.
  package var index: CatalogueIndex
  /// The record's place among those of the index, from 0.
  package var position: Int64
  /// How many records the index has, at least 1.
  package var count: Int64
  /// What happened.
  package var change: CatalogueChange

  /// A record from its parts.
  package init(index: CatalogueIndex, position: Int64, count: Int64, change: CatalogueChange) {
    precondition((0..<count).contains(position))
    self.index = index
    self.position = position
    self.count = count
    self.change = change
  }

  /// Whether the index is complete with this record.
  package var isLastOfIndex: Bool { position == count - 1 }

  /// The record for `functions`: JSON of the entity, or a tombstone. The key is the entity's.
  package func encoded(context: RecordContext) -> OutgoingRecord {
    let key = change.key.description
    var headers = RecordHeaders(
      .functions, id: "\(index)/\(position)", context: context, contentType: "application/json")
    headers.append(HeaderName.subject, key)
    headers.append(HeaderName.catalogueIndex, Int64(clamping: index.number))
    headers.append(HeaderName.changePosition, position)
    headers.append(HeaderName.changeCount, count)
    return OutgoingRecord(
      topic: TopicDeclaration.functions.name, partition: 0, key: Array(key.utf8), value: value, headers: headers)
  }

  private var value: [UInt8]? {
    switch change {
    case .delete: nil
    case .put(.function(let function)): JSONBytes.encoded(function)
    case .put(.version(let version)): JSONBytes.encoded(version)
    case .put(.deployment(let deployment)): JSONBytes.encoded(deployment)
    case .put(.token(let token)): JSONBytes.encoded(token)
    }
  }

  /// - Throws: ``ContractError``.
  package init(decoding record: ConsumedRecord) throws(ContractError) {
    let reader = try HeaderReader(record, of: .functions)
    let index = try reader.number(HeaderName.catalogueIndex)
    let position = try reader.number(HeaderName.changePosition)
    let count = try reader.number(HeaderName.changeCount)
    guard index > 0, count > 0, (0..<count).contains(position) else {
      throw ContractError(.badHeader, "index \(index), change \(position) of \(count) is none")
    }
    let keyText = record.key.flatMap { String(validating: $0, as: UTF8.self) } ?? ""
    guard let key = CatalogueKey(keyText) else {
      throw ContractError(.badKey, "'\(keyText.prefix(200))' is no key of the catalogue")
    }
    self.init(
      index: CatalogueIndex(UInt64(index)), position: position, count: count,
      change: try CatalogueChangeRecord.change(key, record.value))
  }

  private static func change(_ key: CatalogueKey, _ value: [UInt8]?) throws(ContractError) -> CatalogueChange {
    guard value != nil else { return .delete(key) }
    let entity: CatalogueEntity =
      switch key {
      case .function: .function(try JSONBytes.decoded(CatalogueFunction.self, value))
      case .version: .version(try JSONBytes.decoded(CatalogueVersion.self, value))
      case .deployment: .deployment(try JSONBytes.decoded(CatalogueDeployment.self, value))
      case .token: .token(try JSONBytes.decoded(CatalogueToken.self, value))
      }
    guard entity.key == key else {
      throw ContractError(.badKey, "the key says '\(key)', the value is '\(entity.key)'")
    }
    return .put(entity)
  }
}
