import FoundationEssentials
import SimulationKit

/// A request and its answer as they went over the wire.
struct CapturedFrame: Decodable {
  let key: Int16
  let ver: Int16
  let req: String
  let rsp: String?
  let rsplen: Int?

  /// Lines of JSON, one for each pair; nil where there is no such file.
  static func read(_ path: String) throws -> [CapturedFrame]? {
    guard let content = FileManager.default.contents(atPath: "\(ProjectFolder.path)/\(path)") else { return nil }
    return try content.split(separator: UInt8(ascii: "\n")).map {
      try JSONDecoder().decode(CapturedFrame.self, from: Data($0))
    }
  }
}

/// Bytes as hexadecimal text.
enum HexadecimalText {
  static func bytes(_ text: String) -> [UInt8] {
    let digits = text.utf8.map { digit -> UInt8 in digit < 0x3a ? digit - 0x30 : (digit | 0x20) - 0x57 }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  static func text(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xf)]] }, as: UTF8.self)
  }
}
