/// Writes zip archives of one form: entries sorted by name, no times, two modes, no comments. Pure. The same entries give the
/// same bytes.
package struct ZipWriter {
  private struct Part {
    let path: String
    let kind: ArchiveEntry.Kind
    let method: UInt16
    let checksum: UInt32
    let byteCount: Int
    let data: ArraySlice<UInt8>
  }

  private var parts: [Part] = []
  /// 1 January 1980, the earliest there is: nothing in an archive of ours tells when it was made.
  private static let date: UInt16 = 0x0021

  /// An archive without entries.
  package init() {}

  /// Adds a file as it is.
  package mutating func add(_ path: String, _ bytes: [UInt8]) {
    parts.append(
      Part(
        path: path, kind: .file, method: 0, checksum: CRC32.checksum(bytes), byteCount: bytes.count, data: bytes[...]))
  }

  /// Adds the files of a verified archive, their compressed bytes untouched. Directories are left out: files imply them.
  package mutating func add(_ archive: CodeArchive) {
    for entry in archive.entries where entry.kind != .directory {
      parts.append(
        Part(
          path: entry.path, kind: entry.kind, method: entry.method, checksum: entry.checksum,
          byteCount: entry.byteCount, data: archive.bytes[entry.data]))
    }
  }

  /// The archive's bytes.
  package consuming func finished() -> [UInt8] {
    var (bytes, directory): ([UInt8], [UInt8]) = ([], [])
    bytes.reserveCapacity(parts.reduce(22) { $0 + $1.data.count + 2 * $1.path.utf8.count + 76 })
    for part in parts.sorted(by: { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }) {
      ZipWriter.append(part, localOffset: bytes.count, to: &directory)
      bytes.appendLittleEndian(UInt32(0x0403_4b50))
      ZipWriter.appendCommonFields(part, to: &bytes)
      bytes.append(contentsOf: part.path.utf8)
      bytes.append(contentsOf: part.data)
    }
    let start = bytes.count
    bytes.append(contentsOf: directory)
    bytes.appendLittleEndian(UInt32(0x0605_4b50))
    bytes.appendLittleEndian(UInt32(0))
    bytes.appendLittleEndian(UInt16(parts.count))
    bytes.appendLittleEndian(UInt16(parts.count))
    bytes.appendLittleEndian(UInt32(directory.count))
    bytes.appendLittleEndian(UInt32(start))
    bytes.appendLittleEndian(UInt16(0))
    return bytes
  }

  private static func append(_ part: Part, localOffset: Int, to directory: inout [UInt8]) {
    directory.appendLittleEndian(UInt32(0x0201_4b50))
    // Made by Unix, version 2.0: the mode below counts.
    directory.appendLittleEndian(UInt16(3 << 8 | 20))
    appendCommonFields(part, to: &directory)
    directory.appendLittleEndian(UInt16(0))
    directory.appendLittleEndian(UInt32(0))
    let mode: UInt32 =
      switch part.kind {
      case .directory: 0o040755
      case .file: 0o100644
      case .executable: 0o100755
      }
    directory.appendLittleEndian(mode << 16)
    directory.appendLittleEndian(UInt32(localOffset))
    directory.append(contentsOf: part.path.utf8)
  }

  /// From "version needed" to "extra field length". Names are UTF-8.
  private static func appendCommonFields(_ part: Part, to bytes: inout [UInt8]) {
    bytes.appendLittleEndian(UInt16(20))
    bytes.appendLittleEndian(UInt16(1 << 11))
    bytes.appendLittleEndian(part.method)
    bytes.appendLittleEndian(UInt16(0))
    bytes.appendLittleEndian(date)
    bytes.appendLittleEndian(part.checksum)
    bytes.appendLittleEndian(UInt32(part.data.count))
    bytes.appendLittleEndian(UInt32(part.byteCount))
    bytes.appendLittleEndian(UInt16(part.path.utf8.count))
    bytes.appendLittleEndian(UInt16(0))
  }
}
