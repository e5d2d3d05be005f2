internal import Checksums

/// A small file that is read and replaced as a whole: eight bytes of magic and version, the payload's length and CRC-32C,
/// the payload. Snapshots and the hard state are such files.
struct SealedFile {
  /// Five letters and the version as the last byte.
  let magic: [UInt8]

  static let snapshot = SealedFile(magic: [0x4d, 0x52, 0x53, 0x4e, 0x50, 0, 0, 1])
  static let hardState = SealedFile(magic: [0x4d, 0x52, 0x48, 0x53, 0x54, 0, 0, 1])

  func seal(_ payload: [UInt8]) -> [UInt8] {
    var bytes = magic
    bytes.appendNumber(UInt64(payload.count))
    bytes.appendNumber(CRC32C.checksum(payload))
    bytes.append(contentsOf: payload)
    return bytes
  }

  /// The payload. A file is renamed to its name only once durable, so anything wrong with it is damage.
  func open(_ bytes: [UInt8], name: String) throws(ControllerError) -> [UInt8] {
    guard bytes.count >= 20, bytes.starts(with: magic) else {
      let isLater = bytes.count >= 8 && bytes.starts(with: magic.prefix(5)) && bytes[7] > magic[7]
      throw ControllerError(isLater ? .unknownFormat : .corrupt, "\(name): the header is not one of this version")
    }
    let payload = Array(bytes[20...])
    guard bytes.number(at: 8, as: UInt64.self) == UInt64(payload.count),
      bytes.number(at: 16, as: UInt32.self) == CRC32C.checksum(payload)
    else { throw ControllerError(.corrupt, "\(name): the checksum does not match") }
    return payload
  }
}
