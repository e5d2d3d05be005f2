internal import CLinux
internal import Glibc

/// The file system of this machine.
package struct DiskFiles: FileLayer {
  package init() {}

  package func open(_ path: String, _ opening: FileOpening) throws(FileError) -> any LogFile {
    let flags =
      switch opening {
      case .existing: O_RDWR | O_CLOEXEC
      case .orCreate: O_RDWR | O_CLOEXEC | O_CREAT
      case .empty: O_RDWR | O_CLOEXEC | O_CREAT | O_TRUNC
      }
    let descriptor = unsafe Glibc.open(path, flags, 0o644)
    guard descriptor >= 0 else { throw FileError("open", path, errno) }
    return DiskFile(path, descriptor)
  }

  package func makeDirectory(_ path: String) throws(FileError) {
    guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else { throw FileError("mkdir", path, errno) }
  }

  package func syncDirectory(_ path: String) throws(FileError) {
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("open", path, errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(FileError.syncFolderCall, path, errno) }
  }

  package func rename(_ path: String, to newPath: String) throws(FileError) {
    guard unsafe Glibc.rename(path, newPath) == 0 else { throw FileError("rename", path, errno) }
  }

  package func remove(_ path: String) throws(FileError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else { throw FileError("unlink", path, errno) }
  }

  package func removeDirectory(_ path: String) throws(FileError) {
    let names: [String]
    do throws(FileError) { names = try self.names(in: path) } catch {
      guard error.isMissing else { throw error }
      return
    }
    for name in names {
      let inner = "\(path)/\(name)"
      guard unsafe unlink(inner) != 0, errno != ENOENT else { continue }
      guard errno == EISDIR || errno == EPERM else { throw FileError("unlink", inner, errno) }
      try removeDirectory(inner)
    }
    guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw FileError("rmdir", path, errno) }
  }

  package func names(in path: String) throws(FileError) -> [String] {
    guard let folder = unsafe opendir(path) else { throw FileError("opendir", path, errno) }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}

/// A file of the disk. Immutable once made, and the kernel takes positional calls from any thread: hence Sendable.
private final class DiskFile: LogFile {
  let path: String
  private let descriptor: Int32

  init(_ path: String, _ descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  func byteCount() throws(FileError) -> Int64 {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw FileError("fstat", path, errno) }
    return Int64(status.st_size)
  }

  func write(_ parts: [ArraySlice<UInt8>], at position: Int64) throws(FileError) {
    // A batch comes in two parts, its changed head and the rest: one call in all but rare cases.
    var (position, written) = (position, parts.count == 2 ? try writeTogether(parts[0], parts[1], at: position) : 0)
    for part in parts {
      var sent = min(written, part.count)
      written -= sent
      position += Int64(sent)
      while sent < part.count {
        let count = unsafe part.withUnsafeBytes { bytes in
          unsafe pwrite(descriptor, bytes.baseAddress! + sent, bytes.count - sent, off_t(position))
        }
        guard count > 0 else {
          if count < 0, errno == EINTR { continue }
          throw FileError("pwrite", path, count < 0 ? errno : EIO)
        }
        sent += count
        position += Int64(count)
      }
    }
  }

  /// Answers how much of both was written.
  private func writeTogether(
    _ first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>, at position: Int64
  ) throws(FileError) -> Int {
    let count = unsafe first.withUnsafeBytes { first in
      unsafe second.withUnsafeBytes { second in
        var vectors = unsafe (
          iovec(iov_base: UnsafeMutableRawPointer(mutating: first.baseAddress), iov_len: first.count),
          iovec(iov_base: UnsafeMutableRawPointer(mutating: second.baseAddress), iov_len: second.count)
        )
        return unsafe withUnsafeBytes(of: &vectors) { vectors in
          unsafe pwritev(descriptor, vectors.baseAddress!.assumingMemoryBound(to: iovec.self), 2, off_t(position))
        }
      }
    }
    guard count >= 0 || errno == EINTR else { throw FileError("pwritev", path, errno) }
    return max(0, count)
  }

  func read(_ count: Int, at position: Int64, reach: ReadReach, into output: inout [UInt8]) throws(FileError) -> Bool {
    guard count > 0 else { return true }
    let start = output.count
    Self.append(zeros: count, to: &output)
    var (filled, failure, isBlocked) = (0, Int32(0), false)
    while filled < count, failure == 0, !isBlocked {
      let got = unsafe output.withUnsafeMutableBytes { bytes in
        let place = unsafe bytes.baseAddress! + start + filled
        return switch reach {
        case .disk: unsafe pread(descriptor, place, count - filled, off_t(position) + off_t(filled))
        case .cached: unsafe clinux_read_cached(descriptor, place, count - filled, off_t(position) + off_t(filled))
        }
      }
      if got > 0 {
        filled += got
      } else if got == 0 {
        break
      } else if reach == .cached, errno == EAGAIN || errno == EOPNOTSUPP {
        // Some file systems, as those in memory, cannot say what is in memory.
        isBlocked = true
      } else if errno != EINTR {
        failure = errno
      }
    }
    guard failure == 0, !isBlocked else {
      output.removeSubrange(start...)
      if failure != 0 { throw FileError("pread", path, failure) }
      return false
    }
    output.removeSubrange((start + filled)...)
    return true
  }

  /// Room for what is read: copied from zeros that there are, which is much faster than one by one.
  private static func append(zeros count: Int, to output: inout [UInt8]) {
    var left = count
    while left > 0 {
      let part = min(left, zeros.count)
      output += zeros[..<part]
      left -= part
    }
  }

  private static let zeros = [UInt8](repeating: 0, count: 256 << 10)

  func truncate(to byteCount: Int64) throws(FileError) {
    guard ftruncate(descriptor, off_t(byteCount)) == 0 else { throw FileError("ftruncate", path, errno) }
  }

  func beginSync() {
    // What it meets is met again by the sync that follows, and told there.
    _ = clinux_begin_writing(descriptor)
  }

  func sync() throws(FileError) {
    guard fdatasync(descriptor) == 0 else { throw FileError(FileError.syncCall, path, errno) }
  }
}
