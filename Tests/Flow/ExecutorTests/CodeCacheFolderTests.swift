import FoundationEssentials
import Glibc
import Testing

@testable import Executor

struct CodeCacheFolderTests {
  private let files = FileManager.default

  private func scratch() throws -> String {
    var template = Array("/tmp/millrace-code-cache-XXXXXX".utf8CString)
    return String(cString: try #require(mkdtemp(&template)))
  }

  private func write(_ path: String) { #expect(files.createFile(atPath: path, contents: Data())) }

  /// Goal: whatever directory is named, what is in it stays; only the cache's own folder is emptied.
  @Test func `the directory itself is left alone`() throws {
    let directory = try scratch()
    defer { try? files.removeItem(atPath: directory) }
    write(directory + "/precious")
    let folder = try CodeCacheFolder.prepare(in: directory)
    #expect(folder == directory + "/code-cache")
    try files.createDirectory(atPath: folder + "/digest/package", withIntermediateDirectories: true)
    write(folder + "/digest/package/app.py")
    #expect(try CodeCacheFolder.prepare(in: directory) == folder)
    #expect(try files.contentsOfDirectory(atPath: folder) == [CodeCacheFolder.mark])
    #expect(files.fileExists(atPath: directory + "/precious"))
    #expect(try CodeCacheFolder.prepare(in: directory + "/new/one") == directory + "/new/one/code-cache")
  }

  /// Goal: a folder of that name that is somebody else's is refused, and so is a link.
  @Test func `what is not the cache's is refused`() throws {
    let directory = try scratch()
    defer { try? files.removeItem(atPath: directory) }
    let folder = directory + "/code-cache"
    try files.createDirectory(atPath: folder, withIntermediateDirectories: false)
    write(folder + "/precious")
    #expect(throws: CodeCacheFolder.Refusal.self) { try CodeCacheFolder.prepare(in: directory) }
    #expect(files.fileExists(atPath: folder + "/precious"))
    let other = directory + "/other"
    try files.createDirectory(atPath: other, withIntermediateDirectories: false)
    try files.createSymbolicLink(atPath: other + "/code-cache", withDestinationPath: folder)
    #expect(throws: CodeCacheFolder.Refusal.self) { try CodeCacheFolder.prepare(in: other) }
    #expect(files.fileExists(atPath: folder + "/precious"))
  }
}
