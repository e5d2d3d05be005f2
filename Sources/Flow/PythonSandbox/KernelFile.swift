internal import CLinux
internal import Glibc

/// Small files of the kernel's: read or written whole, by one call.
enum KernelFile {
  /// The text, at most 1 MiB; nil where it cannot be read.
  static func read(_ path: String) -> String? {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while bytes.count < 1 << 20 {
      let count = unsafe Glibc.read(file, &chunk, chunk.count)
      guard count > 0 else { break }
      bytes.append(contentsOf: chunk.prefix(count))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Writes the text by one call; answers 0 or the `errno`.
  static func write(_ text: String, to path: String) -> Int32 {
    let file = open(path, O_WRONLY)
    guard file >= 0 else { return errno }
    defer { close(file) }
    let bytes = Array(text.utf8)
    return unsafe Glibc.write(file, bytes, bytes.count) == bytes.count ? 0 : errno
  }

  /// A descriptor, close-on-exec; negative where it cannot be opened.
  static func open(_ path: String, _ flags: Int32) -> Int32 { unsafe Glibc.open(path, flags | O_CLOEXEC) }

  /// Answers 0 or the `errno`.
  static func makeFolder(_ path: String) -> Int32 { unsafe mkdir(path, 0o755) == 0 ? 0 : errno }

  /// Answers 0 or the `errno`.
  @discardableResult
  static func removeFolder(_ path: String) -> Int32 { unsafe rmdir(path) == 0 ? 0 : errno }

  /// The names in a folder, without `.` and `..`; empty where it cannot be read.
  static func names(in path: String) -> [String] {
    guard let directory = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The path without links; nil where it does not exist.
  static func realPath(_ path: String) -> String? {
    guard let real = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }

  /// The target of a symbolic link; nil where it is none.
  static func linkTarget(_ path: String) -> String? {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe readlink(path, buffer.baseAddress!.assumingMemoryBound(to: CChar.self), buffer.count)
    }
    return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
  }

  /// Whether there is anything at the path.
  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// What an `errno` means.
  static func text(_ number: Int32) -> String { unsafe String(cString: strerror(number)) }
}
