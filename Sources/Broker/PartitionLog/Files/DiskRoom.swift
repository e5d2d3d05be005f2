internal import CLinux
internal import Glibc

/// The room on a disk: how much there is, and a file that holds some.
package protocol DiskRoom: Sendable {
  /// Bytes that a process without privileges may still write to the file system of that path.
  func availableByteCount(at path: String) throws(FileError) -> Int64
  /// The file's length; nil where it is not there.
  func heldByteCount(_ path: String) throws(FileError) -> Int64?
  /// Makes the file hold so many bytes of the disk, as blocks and not as a length alone. Where it throws, a file that was there
  /// holds nothing, and none is made.
  func hold(_ byteCount: Int64, in path: String) throws(FileError)
  /// Gives back what the file holds; it stays, empty.
  func giveBack(_ path: String) throws(FileError)
}

extension DiskFiles: DiskRoom {
  package func availableByteCount(at path: String) throws(FileError) -> Int64 {
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("open", path, errno) }
    defer { close(descriptor) }
    var status = statvfs()
    guard unsafe fstatvfs(descriptor, &status) == 0 else { throw FileError("fstatvfs", path, errno) }
    let bytes = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return bytes.overflow ? .max : Int64(clamping: bytes.partialValue)
  }

  package func heldByteCount(_ path: String) throws(FileError) -> Int64? {
    do throws(FileError) { return try open(path, .existing).byteCount() } catch  where error.isMissing { return nil }
  }

  package func hold(_ byteCount: Int64, in path: String) throws(FileError) {
    let wasThere = try heldByteCount(path) != nil
    let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError("open", path, errno) }
    defer { close(descriptor) }
    var failure = EINTR
    while failure == EINTR { failure = posix_fallocate(descriptor, 0, off_t(byteCount)) }
    guard failure != 0 else { return }
    if wasThere { _ = ftruncate(descriptor, 0) } else { _ = unsafe unlink(path) }
    throw FileError("posix_fallocate", path, failure)
  }

  package func giveBack(_ path: String) throws(FileError) {
    guard unsafe Glibc.truncate(path, 0) == 0 else { throw FileError("truncate", path, errno) }
  }
}
