import KafkaWire
import SimulationKit

/// A message as JSON, by the names of its fields: strings and bytes as hexadecimal text, identifiers as 32 digits.
enum MessageJSON {
  static func text(_ value: Any) -> String {
    switch value {
    case let bool as Bool: return bool ? "1" : "0"
    case let code as ErrorCode: return "\(code.rawValue)"
    case let number as any FixedWidthInteger: return "\(number)"
    case let string as String: return "\"\(HexadecimalText.text(string.utf8))\""
    case let bytes as ArraySlice<UInt8>: return "\"\(HexadecimalText.text(bytes))\""
    case let uuid as WireUUID:
      let bytes = [uuid.high, uuid.low].flatMap { half in
        (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(56 - $0 * 8)) }
      }
      return "\"\(HexadecimalText.text(bytes))\""
    default: return structured(value)
    }
  }

  private static func structured(_ value: Any) -> String {
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional: return mirror.children.first.map { text($0.value) } ?? "null"
    case .collection: return "[" + mirror.children.map { text($0.value) }.joined(separator: ",") + "]"
    default:
      let fields = mirror.children.map { "\"\($0.label ?? "")\":\(text($0.value))" }
      return "{" + fields.joined(separator: ",") + "}"
    }
  }
}
