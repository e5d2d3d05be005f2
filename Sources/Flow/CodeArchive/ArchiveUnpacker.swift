internal import CLinux
internal import Glibc

/// Unpacks a checked archive into a directory. Blocks: call it on a thread of a blocking pool.
package enum ArchiveUnpacker {
  /// Makes `directory`, which must not exist, with everything the archive holds: directories 0755, files 0644 or 0755. On an
  /// error what was written stays; remove the directory.
  ///
  /// - Throws: ``CodeArchiveError``; `storage` where the disk refuses.
  package static func unpack(_ archive: CodeArchive, into directory: String) throws(CodeArchiveError) {
    try makeDirectory(directory, mustBeNew: .yes)
    var made: Set<String> = []
    for entry in archive.entries where entry.kind == .directory {
      try makeParents(of: entry.path + "/", in: directory, &made)
    }
    var open: (path: String, descriptor: Int32)?
    defer { if let open { close(open.descriptor) } }
    try ArchiveReader.read(archive) { entry, piece throws(CodeArchiveError) in
      if open?.path != entry.path {
        if let previous = open { close(previous.descriptor) }
        open = nil
        try makeParents(of: entry.path, in: directory, &made)
        open = (entry.path, try create(entry, in: directory))
      }
      try write(piece, to: open!.descriptor, entry)
    }
  }

  private enum MustBeNew { case yes, no }

  private static func makeDirectory(_ path: String, mustBeNew: MustBeNew) throws(CodeArchiveError) {
    if unsafe mkdir(path, 0o755) == 0 {
      // Whatever the process's mask is.
      _ = unsafe chmod(path, 0o755)
      return
    }
    guard errno == EEXIST, mustBeNew == .no else { throw failure("make the directory \(path)") }
  }

  private static func makeParents(
    of path: String, in directory: String, _ made: inout Set<String>
  ) throws(CodeArchiveError) {
    var end = path.startIndex
    while let slash = path[end...].firstIndex(of: "/") {
      let parent = String(path[..<slash])
      // Names were checked: no part of them leads elsewhere, and nothing but directories and files was made below.
      if made.insert(parent).inserted { try makeDirectory(directory + "/" + parent, mustBeNew: .no) }
      end = path.index(after: slash)
    }
  }

  private static func create(_ entry: ArchiveEntry, in directory: String) throws(CodeArchiveError) -> Int32 {
    let mode: mode_t = entry.kind == .executable ? 0o755 : 0o644
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let descriptor = unsafe Glibc.open(directory + "/" + entry.path, flags, mode)
    guard descriptor >= 0 else { throw failure("make \(ArchiveRules.shown(entry.path.utf8))") }
    _ = fchmod(descriptor, mode)
    return descriptor
  }

  private static func write(
    _ piece: ArraySlice<UInt8>, to descriptor: Int32, _ entry: ArchiveEntry
  ) throws(CodeArchiveError) {
    var rest = piece
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure("write \(ArchiveRules.shown(entry.path.utf8))") }
      rest = rest.dropFirst(count)
    }
  }

  /// The error of a call that has just failed: reads `errno`.
  private static func failure(_ what: String) -> CodeArchiveError {
    let number = errno
    return CodeArchiveError(.storage, "could not \(what): \(unsafe String(cString: strerror(number)))")
  }
}
