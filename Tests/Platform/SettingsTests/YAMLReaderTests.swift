import Testing
import YAML

@Suite struct YAMLReaderTests {
  private func failure(_ text: String) -> YAMLError? {
    do throws(YAMLError) {
      _ = try YAMLReader.read(text)
      return nil
    } catch {
      return error
    }
  }

  @Test func aDocumentBecomesValuesWithTheirPlaces() throws {
    let value = try YAMLReader.read("name: hello\nlist:\n  - 1\n  - two\nmap: {a: true, b: ~}\n")
    #expect(value["name"]?.text == "hello" && value["name"]?.line == 1 && value["name"]?.column == 7)
    #expect(value["list"]?.elements?.map(\.content) == [.integer(1), .text("two")])
    #expect(value["map"]?["a"]?.boolean == true && value["map"]?["b"]?.isNull == true)
    #expect(value.entries?.map(\.key) == ["name", "list", "map"])
    #expect(value["list"]?.elements?[1].line == 4)
  }

  @Test(arguments: [
    ("no", YAMLValue.Content.text("no")), ("NO", .text("NO")), ("on", .text("on")), ("yes", .text("yes")),
    ("true", .boolean(true)), ("False", .boolean(false)), ("tRue", .text("tRue")), ("'true'", .text("true")),
    ("null", .null), ("~", .null), ("''", .text("")), ("12", .integer(12)), ("-7", .integer(-7)), ("+3", .integer(3)),
    ("0o17", .integer(15)), ("0x1F", .integer(31)), ("017", .integer(17)), ("1_000", .text("1_000")),
    ("12:30", .text("12:30")), ("2026-11-25", .text("2026-11-25")), ("1.5", .number(1.5)), ("1e3", .number(1000)),
    (".5", .number(0.5)), ("3.", .number(3)), (".", .text(".")), ("1.2.3", .text("1.2.3")), ("-", .sequence([])),
    ("99999999999999999999", .number(1e20)), ("0x", .text("0x")), ("!!str 12", .text("12")),
    (".inf", .number(.infinity)),
  ]) func scalarsHaveTheTypesOfTheCoreSchema(_ text: String, _ content: YAMLValue.Content) throws {
    let read = try YAMLReader.read(text).content
    if text == "-" {
      #expect(read != content, "one empty element")
    } else {
      #expect(read == content)
    }
  }

  @Test func aScalarIsKeptAsWritten() throws {
    #expect(try YAMLReader.read("version: 1.10")["version"]?.scalar == "1.10")
  }

  @Test(arguments: [
    ("a: &x 1\nb: *x", YAMLError.Code.unsupported, 2, 4), ("a: 1\na: 2", .duplicateKey, 2, 1),
    ("a: [1, 2", .syntax, 2, 1), ("a: 1\n---\nb: 2", .unsupported, 2, 1), ("a: !!python/object x", .unsupported, 1, 4),
    ("[a]: 1", .unsupported, 1, 1), ("a:\n\t- b", .syntax, 2, 1), ("<<: {a: 1}", .unsupported, 1, 1),
  ]) func whatIsNotTakenIsRefusedWithItsPlace(_ text: String, _ code: YAMLError.Code, _ line: Int, _ column: Int) {
    let error = failure(text)
    #expect(error?.code == code)
    #expect(error?.line == line && error?.column == column, "\(error.map { "\($0)" } ?? "taken")")
  }

  @Test func depthAndSizeAreBounded() {
    let allowed = String(repeating: "[", count: YAMLLimits.depth) + String(repeating: "]", count: YAMLLimits.depth)
    #expect(failure(allowed) == nil)
    #expect(failure(String(repeating: "[", count: 100_000))?.code == .tooLarge)
    #expect(failure(String(repeating: "a", count: YAMLLimits.documentBytes + 1))?.code == .tooLarge)
  }

  @Test func bytesOfEveryKindAreReadOrRefused() {
    var generator = SystemRandomNumberGenerator()
    let seed = Array("{}[]:,-?&*!|>'\"%@`#~ \n\tab01".unicodeScalars)
    for _ in 0..<2000 {
      var text = ""
      for _ in 0..<Int.random(in: 0..<40, using: &generator) {
        text.unicodeScalars.append(seed[Int.random(in: 0..<seed.count, using: &generator)])
      }
      if let error = failure(text) { #expect(error.line >= 1 && error.column >= 1, "\(text)") }
    }
  }

  @Test(arguments: ["", "# only a comment\n"]) func anEmptyDocumentIsNull(_ text: String) throws {
    #expect(try YAMLReader.read(text).isNull)
  }
}
