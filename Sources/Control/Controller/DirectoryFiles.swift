internal import CLinux
internal import Glibc

/// The controller's files in a real directory, which it holds a lock on while it lives.
///
/// Used on one thread at a time (see ``ControlFiles``): that confinement makes it Sendable.
package final class DirectoryFiles: ControlFiles, @unchecked Sendable {
  private let path: String
  private let lockDescriptor: Int32
  /// The file last appended to stays open, so that its `fdatasync` reports what happened to these writes.
  private var open: (name: String, descriptor: Int32)?

  private static let lockName = "LOCK"

  /// Makes the directory where it is missing and locks it.
  ///
  /// - Throws: `locked` where another controller lives in it.
  package init(path: String) throws(ControllerError) {
    self.path = path
    let made = unsafe mkdir(path, 0o700)
    guard made == 0 || errno == EEXIST else { throw DirectoryFiles.failure("make \(path)") }
    let name = path + "/" + DirectoryFiles.lockName
    lockDescriptor = unsafe Glibc.open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lockDescriptor >= 0 else { throw DirectoryFiles.failure("open \(name)") }
    guard flock(lockDescriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(lockDescriptor)
      throw ControllerError(.locked, "\(path) belongs to a controller that is running")
    }
  }

  deinit {
    if let open { close(open.descriptor) }
    close(lockDescriptor)
  }

  package func names() throws(ControllerError) -> [String] {
    guard let directory = unsafe opendir(path) else { throw DirectoryFiles.failure("list \(path)") }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." && name != DirectoryFiles.lockName { names.append(name) }
    }
    return names
  }

  package func contents(of name: String) throws(ControllerError) -> [UInt8] {
    let descriptor = try descriptor(of: name, O_RDONLY)
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 256 << 10)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw DirectoryFiles.failure("read \(name)") }
      guard count > 0 else { return bytes }
      bytes.append(contentsOf: chunk[..<count])
    }
  }

  package func create(_ name: String, _ bytes: [UInt8]) throws(ControllerError) {
    forget()
    let descriptor = try descriptor(of: name, O_WRONLY | O_CREAT | O_TRUNC)
    open = (name, descriptor)
    try write(bytes, to: descriptor, name)
  }

  package func append(to name: String, _ bytes: [UInt8]) throws(ControllerError) {
    if open?.name != name {
      forget()
      open = (name, try descriptor(of: name, O_WRONLY))
    }
    let descriptor = open!.descriptor
    guard lseek(descriptor, 0, SEEK_END) >= 0 else { throw DirectoryFiles.failure("seek in \(name)") }
    try write(bytes, to: descriptor, name)
  }

  package func truncate(_ name: String, to byteCount: Int) throws(ControllerError) {
    let descriptor = try descriptor(of: name, O_WRONLY)
    defer { close(descriptor) }
    guard ftruncate(descriptor, byteCount) == 0 else { throw DirectoryFiles.failure("cut \(name)") }
  }

  package func sync(_ name: String) throws(ControllerError) {
    if open?.name != name {
      forget()
      open = (name, try descriptor(of: name, O_WRONLY))
    }
    guard fdatasync(open!.descriptor) == 0 else { throw DirectoryFiles.failure("sync \(name)") }
  }

  package func rename(_ name: String, to newName: String) throws(ControllerError) {
    forget()
    let renamed = unsafe Glibc.rename(path + "/" + name, path + "/" + newName)
    guard renamed == 0 else { throw DirectoryFiles.failure("rename \(name)") }
  }

  package func remove(_ name: String) throws(ControllerError) {
    if open?.name == name { forget() }
    let removed = unsafe unlink(path + "/" + name)
    guard removed == 0 else { throw DirectoryFiles.failure("remove \(name)") }
  }

  package func syncDirectory() throws(ControllerError) {
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw DirectoryFiles.failure("open \(path)") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw DirectoryFiles.failure("sync \(path)") }
  }

  private func forget() {
    if let open { close(open.descriptor) }
    open = nil
  }

  private func descriptor(of name: String, _ flags: Int32) throws(ControllerError) -> Int32 {
    let descriptor = unsafe Glibc.open(path + "/" + name, flags | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw DirectoryFiles.failure("open \(name)") }
    return descriptor
  }

  private func write(_ bytes: [UInt8], to descriptor: Int32, _ name: String) throws(ControllerError) {
    var written = 0
    while written < bytes.count {
      let start = written
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress! + start, $0.count - start)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw DirectoryFiles.failure("write \(name)") }
      written += count
    }
  }

  /// The error of a call that has just failed: reads `errno`.
  private static func failure(_ what: String) -> ControllerError {
    let number = errno
    return ControllerError(.storage, "could not \(what)", underlying: unsafe String(cString: strerror(number)))
  }
}
