import Testing

/// Files and functions stay small enough to be read at once (docs/style: 500 lines a file, 60 a function).
@Suite struct SizeTests {
  static let fileLimit = 500
  static let functionLimit = 60

  @Test func sourcesAreThere() {
    #expect(SourceTree.sources.count > 100)
    #expect(SourceTree.tests.count > 40)
  }

  @Test func noFileIsTooLong() {
    for file in SourceTree.sources + SourceTree.tests {
      #expect(file.lines.count <= Self.fileLimit, "\(file.path) has \(file.lines.count) lines")
    }
  }

  @Test func noFunctionIsTooLong() {
    for file in SourceTree.sources {
      for function in Self.functions(of: file) {
        #expect(
          function.lineCount <= Self.functionLimit, "\(file.path):\(function.line) has \(function.lineCount) lines")
      }
    }
  }

  /// The formatter fixes the indentation, so a body ends at the first `}` that stands where its `func` does.
  static func functions(of file: SourceFile) -> [(line: Int, lineCount: Int)] {
    var found: [(line: Int, lineCount: Int)] = []
    for (start, line) in file.lines.enumerated() where isFunction(line) {
      let indent = line.prefix { $0 == " " }
      guard let end = file.lines[start...].dropFirst().firstIndex(where: { $0.hasPrefix(indent + "}") }) else {
        continue
      }
      let opens = file.lines[start..<end].contains { $0.hasSuffix("{") || $0.contains(" { ") }
      if opens, !line.hasSuffix("}") { found.append((start + 1, end - start + 1)) }
    }
    return found
  }

  private static func isFunction(_ line: String) -> Bool {
    let words = line.split(separator: " ").prefix(6)
    return words.contains("func") || words.contains { $0.hasPrefix("init(") || $0.hasPrefix("init?(") }
  }
}
