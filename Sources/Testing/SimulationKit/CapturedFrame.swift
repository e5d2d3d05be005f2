internal import FoundationEssentials

/// A request and its answer as they went over the wire between a client and a broker.
package struct CapturedFrame: Decodable, Sendable {
  /// The API's number.
  package let key: Int16
  /// The API's version.
  package let ver: Int16
  /// The request's bytes in hexadecimal digits, without their length.
  package let req: String
  /// The answer's, at most its first 8 KiB; nil where there was none.
  package let rsp: String?
  /// How many bytes the answer had.
  package let rsplen: Int?

  /// Lines of JSON, one for each pair, of a file named from the project's folder on; nil where there is no such file.
  package static func read(_ path: String) throws -> [CapturedFrame]? {
    guard let content = FileManager.default.contents(atPath: "\(ProjectFolder.path)/\(path)") else { return nil }
    return try content.split(separator: UInt8(ascii: "\n")).map {
      try JSONDecoder().decode(CapturedFrame.self, from: Data($0))
    }
  }
}
