import CodeArchive
import Testing

/// The adversarial cases P35 to P39 that an archive can bring.
@Suite struct HostileArchiveTests {
  private func code(_ entries: [ZipForge.Entry], _ change: (inout ZipForge) -> Void = { _ in }) -> CodeArchiveError
    .Code?
  {
    var forge = ZipForge(entries)
    change(&forge)
    return code(forge.bytes)
  }

  private func code(_ bytes: [UInt8]) -> CodeArchiveError.Code? {
    do throws(CodeArchiveError) {
      try CodeArchive(bytes).verify()
      return nil
    } catch { return error.code }
  }

  @Test(arguments: [
    "../../etc/x", "a/../../b", "a/..", "/abs", "//abs", "C:/x", "c:x", "..\\x", "a\\b", "./a", "a/./b", "a//b", "",
    "/",
    "a\u{0}b", "a\nb", "\u{7f}", String(repeating: "n", count: 300), String(repeating: "d/", count: 100_000 / 2) + "x",
    String(repeating: "d/", count: 40) + "x",
  ]) func `P35 - A name that leads out or that no disk holds is refused`(_ name: String) {
    // Lengths of names are 16-bit numbers.
    #expect(code([.init(String(name.prefix(60_000)))]) == .unsafePath)
  }

  @Test func `P35 - A name that is not UTF-8 is refused`() {
    #expect(code([.init(bytes: [0x61, 0xff, 0xfe])]) == .unsafePath)
    #expect(code([.init(bytes: Array("größe.py".utf8))]) == nil)
  }

  @Test(arguments: [0o120777, 0o010644, 0o020666, 0o060660, 0o140777, 0o150000] as [UInt32])
  func `P36 - Links, FIFOs, devices and sockets are refused`(_ mode: UInt32) {
    #expect(code([ZipForge.Entry("x").with { $0.mode = mode }]) == .unsafeKind)
    // Also where the entry says it was made by DOS: other readers believe the mode even so.
    let dos = ZipForge.Entry("x").with {
      $0.mode = mode
      $0.madeBy = 20
    }
    #expect(code([dos]) == .unsafeKind)
  }

  @Test func `P36 - A file through a link is refused with the link`() {
    let link = ZipForge.Entry("dir", Array("/etc".utf8)).with { $0.mode = 0o120777 }
    #expect(code([link, .init("dir/passwd")]) == .unsafeKind)
    #expect(code([.init("dir"), .init("dir/passwd")]) == .collision)
    #expect(code([.init("dir/passwd"), .init("dir")]) == .collision)
  }

  @Test func `P36 - Special mode bits are dropped`() throws {
    let entry = ZipForge.Entry("x").with { $0.mode = 0o106755 }
    #expect(try CodeArchive(ZipForge([entry]).bytes).entries.map(\.kind) == [.executable])
    #expect(code([ZipForge.Entry("x").with { $0.mode = 0o040755 }]) == .inconsistent)
    #expect(code([ZipForge.Entry("x/", [])]) == .inconsistent)
    #expect(code([ZipForge.Entry("x/", [1]).with { $0.mode = 0o040755 }]) == .inconsistent)
  }

  @Test func `P37 - An entry that unpacks to far more than its size is refused unread`() {
    let lying = ZipForge.Entry("x", zeros: 100_000).with { $0.byteCount = 200 << 20 }
    #expect(code([lying]) == .bomb)
    #expect(code([.init("x", zeros: 2 << 20)]) == nil)
  }

  @Test func `P37 - An entry that unpacks to more or less than it says is refused as soon as that shows`() {
    #expect(code([ZipForge.Entry("x", zeros: 2 << 20).with { $0.byteCount = 1_000 }]) == .inconsistent)
    #expect(code([ZipForge.Entry("x", zeros: 258 * 10 + 1).with { $0.byteCount = 900_000 }]) != nil)
  }

  @Test func `P37 - Overlapping entries are refused`() {
    // Fifield's bomb: every entry leads to the same kernel.
    let kernel = ZipForge.Entry("a", zeros: 1 << 20)
    let copies = (0..<1_000).map { number in
      kernel.with {
        $0.name = Array("a\(number)".utf8)
        $0.offset = 0
        $0.data = number == 0 ? $0.data : []
      }
    }
    #expect(code(copies) == .inconsistent)
    #expect(code([kernel, kernel.with { $0.offset = 0 }]) == .inconsistent)
  }

  @Test func `P37 - Too many entries, and too many bytes in all, are refused`() {
    #expect(code((0...10_000).map { .init("f\($0)", []) }) == .tooManyEntries)
    #expect(code((0..<65_535).map { .init("f\($0)", []) }) == .tooManyEntries)
    let large = ZipForge.Entry("a", zeros: 300_000)
    let four = ZipForge((0..<4).map { number in large.with { $0.name = Array("a\(number)".utf8) } }).bytes
    var limits = CodeArchiveLimits()
    limits.unpackedByteCount = 1_000_000
    #expect {
      try CodeArchive(four, limits: limits)
    } throws: { error in
      (error as? CodeArchiveError)?.code == .tooLarge
    }
    #expect(code(four) == nil)
    #expect(code([UInt8](repeating: 0, count: (64 << 20) + 1)) == .tooLarge)
  }

  @Test func `P37 - Zip64 is refused, told or not`() {
    #expect(code([ZipForge.Entry("x").with { $0.byteCount = .max }]) == .unsupported)
    #expect(code([ZipForge.Entry("x").with { $0.compressedByteCount = .max }]) == .unsupported)
    let whole = ZipForge([.init("x")]).bytes
    let locator = ZipForge.number(UInt32(0x0706_4b50)) + [UInt8](repeating: 0, count: 16)
    #expect(code(Array(whole.dropLast(22)) + locator + whole.suffix(22)) == .unsupported)
  }

  @Test func `P37 - Sizes, checksums and names that differ between the two headers are refused`() {
    #expect(code([ZipForge.Entry("x").with { $0.localByteCount = 1 }]) == .inconsistent)
    #expect(code([ZipForge.Entry("x").with { $0.localChecksum = 1 }]) == .inconsistent)
    #expect(code([ZipForge.Entry("x").with { $0.localName = Array("y".utf8) }]) == .inconsistent)
    #expect(
      code([
        ZipForge.Entry("x").with {
          $0.checksum = 1; $0.localChecksum = 1
        }
      ]) == .damaged)
    #expect(
      code([
        ZipForge.Entry("x").with {
          $0.byteCount = 3; $0.localByteCount = 3
        }
      ]) == .inconsistent)
  }

  @Test func `P38 - Names that are there twice, or differ by case or accents alone, are refused`() {
    #expect(code([.init("a.py"), .init("a.py")]) == .collision)
    #expect(code([.init("A.py"), .init("a.py")]) == .collision)
    #expect(code([.init("pkg/a.py"), .init("PKG/b.py")]) == .collision)
    #expect(code([.init("\u{e9}.py"), .init("e\u{301}.py")]) == .collision)
    #expect(code([.init("pkg/a.py"), .init("pkg/b.py")]) == nil)
  }

  @Test func `P38 - An archive that two readers could see differently is refused`() {
    let one = ZipForge([.init("a.py")]).bytes
    #expect(code(one + one) == .inconsistent)
    #expect(code([.init("a.py")]) { $0.comment = ZipForge([]).bytes } == .inconsistent)
    #expect(code([.init("a.py")]) { $0.countOffset = 1 } == .inconsistent)
    #expect(code([.init("a.py"), .init("b.py")]) { $0.countOffset = -1 } == .inconsistent)
    #expect(code([.init("a.py")]) { $0.comment = Array("from git".utf8) } == nil)
  }

  @Test func `P39 - A truncated archive is refused at every length`() {
    let whole = ZipForge([.init("a.py"), .init("b", zeros: 1_000)]).bytes
    for count in 0..<whole.count { #expect(code(Array(whole.prefix(count))) != nil, "\(count) bytes") }
  }

  @Test func `Encrypted entries and other methods are refused`() {
    #expect(code([ZipForge.Entry("x").with { $0.flags |= 1 }]) == .unsupported)
    #expect(code([ZipForge.Entry("x").with { $0.method = 12 }]) == .unsupported)
  }
}
