internal import CZip

/// Unpacks entries with libzip, in pieces, and stops as soon as one is not what the checked directory says.
enum ArchiveReader {
  private static let pieceByteCount = 64 << 10

  /// Reads every file, or one, and hands its pieces over in order; a file without bytes has one empty piece.
  static func read(
    _ archive: CodeArchive, only entry: ArchiveEntry? = nil,
    _ piece: (ArchiveEntry, ArraySlice<UInt8>) throws(CodeArchiveError) -> Void
  ) throws(CodeArchiveError) {
    let source = try SourceArchive(archive.bytes)
    var buffer = [UInt8](repeating: 0, count: pieceByteCount)
    for entry in entry.map({ [$0] }) ?? archive.entries where entry.kind != .directory {
      try source.read(entry, &buffer, piece)
    }
  }

  /// libzip's view of the bytes. `@safe`: the handle and the copy of the bytes it reads are made in init, freed in deinit,
  /// and never leave.
  @safe private final class SourceArchive {
    private let handle: OpaquePointer
    private let memory: UnsafeMutableRawBufferPointer

    init(_ bytes: [UInt8]) throws(CodeArchiveError) {
      unsafe memory = .allocate(byteCount: max(1, bytes.count), alignment: 1)
      unsafe memory.copyBytes(from: bytes)
      var error = unsafe zip_error_t()
      let source = unsafe zip_source_buffer_create(memory.baseAddress, zip_uint64_t(bytes.count), 0, &error)
      guard let source = unsafe source,
        let opened = unsafe zip_open_from_source(source, Int32(ZIP_RDONLY | ZIP_CHECKCONS), &error)
      else {
        let reason = unsafe String(cString: zip_error_strerror(&error))
        unsafe zip_error_fini(&error)
        if let source = unsafe source { unsafe zip_source_free(source) }
        unsafe memory.deallocate()
        throw CodeArchiveError(.inconsistent, "the archive contradicts itself: \(reason)")
      }
      unsafe handle = opened
    }

    deinit {
      unsafe zip_discard(handle)
      unsafe memory.deallocate()
    }

    func read(
      _ entry: ArchiveEntry, _ buffer: inout [UInt8],
      _ piece: (ArchiveEntry, ArraySlice<UInt8>) throws(CodeArchiveError) -> Void
    ) throws(CodeArchiveError) {
      guard let file = unsafe zip_fopen_index(handle, zip_uint64_t(entry.index), 0) else {
        throw CodeArchiveError(.damaged, "\(ArchiveRules.shown(entry.path.utf8)) cannot be unpacked: \(reason())")
      }
      defer { unsafe zip_fclose(file) }
      var total = 0
      while true {
        let count = unsafe Int(zip_fread(file, &buffer, zip_uint64_t(buffer.count)))
        guard count >= 0 else {
          let reason = unsafe String(cString: zip_file_strerror(file))
          throw CodeArchiveError(.damaged, "\(ArchiveRules.shown(entry.path.utf8)) cannot be unpacked: \(reason)")
        }
        total += count
        guard total <= entry.byteCount else {
          throw CodeArchiveError(.inconsistent, "\(ArchiveRules.shown(entry.path.utf8)) unpacks to more than it says")
        }
        if count > 0 || total == 0 { try piece(entry, buffer[..<count]) }
        if count == 0 { break }
      }
      guard total == entry.byteCount else {
        throw CodeArchiveError(.inconsistent, "\(ArchiveRules.shown(entry.path.utf8)) unpacks to less than it says")
      }
    }

    private func reason() -> String { unsafe String(cString: zip_strerror(handle)) }
  }
}
