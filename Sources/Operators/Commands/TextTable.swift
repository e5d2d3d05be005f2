/// Rows in aligned columns.
package struct TextTable {
  private let titles: [String]
  private var rows: [[String]] = []

  /// A table with the titles of its columns.
  package init(_ titles: [String]) { self.titles = titles }

  /// Adds a row with a cell for each column. Control characters are shown as `?`: data does not steer a terminal.
  package mutating func add(_ cells: [String]) {
    precondition(cells.count == titles.count)
    rows.append(
      cells.map { cell in
        String(
          String.UnicodeScalarView(cell.unicodeScalars.map { $0.value < 0x20 || (0x7f..<0xa0) ~= $0.value ? "?" : $0 }))
      })
  }

  /// The lines: on a terminal titles and aligned columns, otherwise the cells with tabs between and no titles.
  package func lines(for audience: Console.Audience) -> [String] {
    switch audience {
    case .program: return rows.map { $0.joined(separator: "\t") }
    case .terminal:
      let all = [titles] + rows
      let widths = titles.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
      return all.map { row in
        var line = ""
        for (column, cell) in row.enumerated() {
          line += cell
          if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
        }
        return line
      }
    }
  }
}
