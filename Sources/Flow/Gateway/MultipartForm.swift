internal import Glibc

/// The parts of a `multipart/form-data` body (RFC 7578), read strictly: no preamble, no epilogue, every line ends with
/// CR LF, every part has a name of its own. Pure.
package struct MultipartForm: Sendable {
  /// Why a body is not a form.
  package struct Malformed: Error, Equatable, Sendable {
    /// One sentence for the client.
    package let message: String
  }

  /// One part.
  package struct Part: Sendable {
    /// Its name, unique in the form.
    package let name: String
    /// The name of the file it came from, where the client says one. Never used as a path.
    package let fileName: String?
    /// Its type, where the client says one.
    package let contentType: String?
    /// Its bytes.
    package let content: ArraySlice<UInt8>
  }

  /// Parts of one form at most.
  package static let partLimit = 8
  /// Bytes of one part's head at most.
  package static let headLimitBytes = 4096

  /// The parts, in order.
  package let parts: [Part]

  /// The part of that name.
  package subscript(_ name: String) -> Part? { parts.first { $0.name == name } }

  /// The boundary that a content type names; nil where it is not `multipart/form-data` with one.
  package static func boundary(ofContentType contentType: String?) -> [UInt8]? {
    guard let contentType else { return nil }
    let pieces = HeaderParameters(contentType)
    guard pieces.value == "multipart/form-data", let boundary = pieces["boundary"] else { return nil }
    let bytes = Array(boundary.utf8)
    // RFC 2046 section 5.1.1: 1 to 70 of these, the last no space.
    let isValid = bytes.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        || "'()+_,-./:=? ".utf8.contains(byte)
    }
    return 1...70 ~= bytes.count && isValid && bytes.last != 0x20 ? bytes : nil
  }

  /// Reads a body.
  package init(_ body: [UInt8], boundary: [UInt8]) throws(Malformed) {
    let delimiter = Array("\r\n--".utf8) + boundary
    guard body.starts(with: delimiter.dropFirst(2)) else {
      throw Malformed(message: "The body does not begin with the boundary.")
    }
    var position = delimiter.count - 2
    var parts: [Part] = []
    while !Self.has("--", in: body, at: position) {
      guard Self.has("\r\n", in: body, at: position) else {
        throw Malformed(message: "A boundary is followed by something else than a line end.")
      }
      guard parts.count < Self.partLimit else {
        throw Malformed(message: "The form has more than \(Self.partLimit) parts.")
      }
      guard let end = Self.find(delimiter, in: body, from: position + 2) else {
        throw Malformed(message: "The form does not end with its boundary.")
      }
      let part = try Self.part(body, position + 2..<end)
      guard !parts.contains(where: { $0.name == part.name }) else {
        throw Malformed(message: "The part \(part.name) is there twice.")
      }
      parts.append(part)
      position = end + delimiter.count
    }
    position += 2
    if Self.has("\r\n", in: body, at: position) { position += 2 }
    guard position == body.count else { throw Malformed(message: "Something follows the form's last boundary.") }
    self.parts = parts
  }

  /// The part whose head begins at the range's start and whose content ends at its end.
  private static func part(_ body: [UInt8], _ range: Range<Int>) throws(Malformed) -> Part {
    var disposition: HeaderParameters?
    var contentType: String?
    var position = range.lowerBound
    while true {
      // A part without content ends where its head does: the line end of the delimiter closes it.
      guard position < range.upperBound else { throw Malformed(message: "A part's head does not end.") }
      guard let end = find([13, 10], in: body, from: position), end < range.upperBound,
        end - range.lowerBound <= headLimitBytes
      else { throw Malformed(message: "A part's head does not end within \(headLimitBytes) bytes.") }
      if end == position { break }
      let (name, value) = try headLine(body[position..<end])
      switch name {
      case "content-disposition":
        guard disposition == nil else { throw Malformed(message: "A part has two Content-Dispositions.") }
        disposition = HeaderParameters(value)
      case "content-type": contentType = value
      case "content-transfer-encoding":
        guard value == "binary" || value == "8bit" || value == "7bit" else {
          throw Malformed(message: "Encoded parts are not taken.")
        }
      default: break  // RFC 7578 section 4.8: others are ignored
      }
      position = end + 2
    }
    guard let disposition, disposition.value == "form-data", let name = disposition["name"], !name.isEmpty,
      name.utf8.count <= 128
    else { throw Malformed(message: "A part has no Content-Disposition: form-data with a name.") }
    return Part(
      name: name, fileName: disposition["filename"], contentType: contentType,
      content: body[(position + 2)..<range.upperBound])
  }

  private static func headLine(_ line: ArraySlice<UInt8>) throws(Malformed) -> (name: String, value: String) {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
      line[..<colon].allSatisfy({ $0 > 0x20 && $0 < 0x7f }), line[colon...].allSatisfy({ $0 >= 0x20 && $0 != 0x7f }),
      let value = String(validating: line[(colon + 1)...], as: UTF8.self)
    else { throw Malformed(message: "A line of a part's head is malformed.") }
    return (String(decoding: line[..<colon], as: UTF8.self).lowercased(), HeaderParameters.trimmed(value[...]))
  }

  private static func has(_ text: StaticString, in body: [UInt8], at position: Int) -> Bool {
    position + text.utf8CodeUnitCount <= body.count
      && (0..<text.utf8CodeUnitCount).allSatisfy { body[position + $0] == text.utf8Start[$0] }
  }

  /// Where `wanted` is found first at or after a position. Its first byte is looked for by memchr: bodies are large.
  private static func find(_ wanted: [UInt8], in body: [UInt8], from start: Int) -> Int? {
    body.withUnsafeBytes { bytes in
      var position = start
      while position + wanted.count <= bytes.count {
        guard
          let hit = memchr(bytes.baseAddress! + position, Int32(wanted[0]), bytes.count - wanted.count - position + 1)
        else { return nil }
        position = UnsafeRawPointer(hit) - bytes.baseAddress!
        if memcmp(bytes.baseAddress! + position, wanted, wanted.count) == 0 { return position }
        position += 1
      }
      return nil
    }
  }
}
