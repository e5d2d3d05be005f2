internal import FoundationEssentials
internal import MillraceDomain

/// JSON of record values off the hot path: sorted keys, so that the same value has the same bytes.
enum JSONBytes {
  static func encoded(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do { return Array(try encoder.encode(value)) } catch {
      preconditionFailure("our own records are encodable: \(error)")
    }
  }

  static func decoded<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]?) throws(ContractError) -> Value {
    guard let bytes else { throw ContractError(.badValue, "a JSON value is expected; this record is a tombstone") }
    do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch let error as DomainError {
      throw ContractError(.badValue, error.message)
    } catch {
      throw ContractError(.badValue, "the value is not the JSON of a \(type): \(JSONBytes.reason(error))")
    }
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    return switch error {
    case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      "\(context.codingPath.map(\.stringValue).joined(separator: ".")): \(context.debugDescription)"
    @unknown default: "\(error)"
    }
  }
}
