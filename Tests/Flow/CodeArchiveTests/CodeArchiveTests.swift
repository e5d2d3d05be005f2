import CodeArchive
import FoundationEssentials
import SimulationKit
import Testing

@Suite struct CodeArchiveTests {
  private static let files: [ZipForge.Entry] = [
    .init("pkg/__init__.py", []), .init("app.py", Array("def handler(e, c): return 1\n".utf8)),
    ZipForge.Entry("bin/tool").with { $0.mode = 0o100755 }, ZipForge.Entry("empty/", []).with { $0.mode = 0o040755 },
    .init("zeros.bin", zeros: 258 * 1_000 + 1),
  ]

  private func temporaryDirectory() throws -> String {
    let path = "/tmp/millrace-archive-\(UInt64.random(in: 0...UInt64.max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    return path
  }

  @Test func `An archive is unpacked as it is`() throws {
    let parent = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: parent) }
    let archive = try CodeArchive(ZipForge(Self.files).bytes)
    try ArchiveUnpacker.unpack(archive, into: parent + "/code")
    let contents = FileManager.default.contents(atPath: parent + "/code/app.py")
    #expect(contents.map { String(decoding: $0, as: UTF8.self) } == "def handler(e, c): return 1\n")
    #expect(FileManager.default.contents(atPath: parent + "/code/zeros.bin")?.count == 258_001)
    #expect(FileManager.default.isExecutableFile(atPath: parent + "/code/bin/tool"))
    #expect(FileManager.default.contents(atPath: parent + "/code/pkg/__init__.py")?.isEmpty == true)
    var isDirectory = false
    #expect(FileManager.default.fileExists(atPath: parent + "/code/empty", isDirectory: &isDirectory) && isDirectory)
    #expect(throws: CodeArchiveError.self) { try ArchiveUnpacker.unpack(archive, into: parent + "/code") }
  }

  @Test func `A package is the same whatever the order of its entries, and reads as it was`() throws {
    func packed(_ entries: [ZipForge.Entry]) throws -> [UInt8] {
      var writer = ZipWriter()
      writer.add(try CodeArchive(ZipForge(entries).bytes))
      return writer.finished()
    }
    let package = try packed(Self.files)
    #expect(try packed(Self.files.reversed()) == package)
    let archive = try CodeArchive(package)
    try archive.verify()
    #expect(archive.entries.map(\.path) == ["app.py", "bin/tool", "pkg/__init__.py", "zeros.bin"])
    #expect(archive.entries.map(\.kind) == [.file, .executable, .file, .file])
    let app = try #require(archive.entry("app.py"))
    #expect(try archive.contents(of: app, limit: 100) == Array("def handler(e, c): return 1\n".utf8))
    #expect(throws: CodeArchiveError.self) { try archive.contents(of: app, limit: 3) }
  }

  @Test func `A single file makes a package`() throws {
    var writer = ZipWriter()
    writer.add("app.py", Array("x = 1\n".utf8))
    let archive = try CodeArchive(writer.finished())
    try archive.verify()
    #expect(archive.entries.map(\.path) == ["app.py"])
  }

  /// Any change of any byte is refused or changes nothing that is read; no input crashes.
  @Test func `Damaged archives never crash and never unpack to other files`() throws {
    let whole = ZipForge(Self.files).bytes
    let original = try CodeArchive(whole)
    try SeededProperty.holds(forSeeds: 2_000) { generator in
      var bytes = whole
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      guard let archive = try? CodeArchive(bytes), (try? archive.verify()) != nil else { return }
      try SeededProperty.claim(
        archive.entries.map(\.byteCount) == original.entries.map(\.byteCount), "sizes changed unnoticed")
    }
  }
}
