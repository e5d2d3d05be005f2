/// Finds what someone probably meant.
package enum NearestName {
  /// The candidate with the smallest edit distance to the word, where that is at most a third of the word's length
  /// (at least one, at most four); nil where none is near.
  package static func of(_ word: String, in candidates: some Sequence<String>) -> String? {
    let limit = min(4, max(1, word.count / 3))
    var best: (name: String, distance: Int)?
    for candidate in candidates {
      let distance = distance(word, candidate)
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
  }

  /// The number of insertions, deletions, replacements and swaps of neighbours that lead from one to the other.
  package static func distance(_ left: String, _ right: String) -> Int {
    let (a, b) = (Array(left), Array(right))
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
        row.append(cost)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }

  /// `; did you mean X?` or nothing, to end a message with.
  package static func hint(for word: String, in candidates: some Sequence<String>) -> String {
    of(word, in: candidates).map { "; did you mean \($0)?" } ?? ""
  }
}
