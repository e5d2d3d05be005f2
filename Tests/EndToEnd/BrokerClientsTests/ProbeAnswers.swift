/// The answers of `probe.py`: for each of its probes, in its order, what a broker answered.
struct ProbeAnswers: Equatable, Sendable {
  /// A probe and its answer.
  struct Answer: Equatable, Sendable {
    /// `GROUPS`, as the probe's headings say.
    let section: String
    let probe: String
    let value: String
  }

  let answers: [Answer]

  /// Reads what the probe printed when it was recorded. A probe's name may have colons: its answer follows the last.
  init(recorded text: String) {
    var section = ""
    var answers: [Answer] = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("# ") {
        section = String(line.dropFirst(2))
      } else if let (probe, value) = Self.lastColon(of: line) {
        answers.append(Answer(section: section, probe: probe, value: value))
      }
    }
    self.answers = answers
  }

  /// Reads what the probe printed of another broker, whose answers may look otherwise.
  init(_ text: String, probedLike recorded: ProbeAnswers) {
    var lines = text.split(separator: "\n")[...]
    answers = recorded.answers.map { answer in
      let start = "\(answer.probe): "
      guard let at = lines.firstIndex(where: { $0.hasPrefix(start) }) else {
        return Answer(section: answer.section, probe: answer.probe, value: "no answer")
      }
      defer { lines = lines[(at + 1)...] }
      return Answer(section: answer.section, probe: answer.probe, value: String(lines[at].dropFirst(start.count)))
    }
  }

  private static func lastColon(of line: Substring) -> (String, String)? {
    let parts = line.split(separator: ": ", omittingEmptySubsequences: false)
    guard parts.count > 1, let last = parts.last else { return nil }
    return (parts.dropLast().joined(separator: ": "), String(last))
  }

  /// What is wrong with these answers, in words, beside another broker's and a list of deviations.
  ///
  /// - Parameter sections: those that are not compared.
  func faults(beside recorded: ProbeAnswers, deviations: [Deviation], except sections: Set<String>) -> [String] {
    var faults: [String] = []
    var unused = deviations
    for (mine, theirs) in zip(answers, recorded.answers) where !sections.contains(theirs.section) {
      let listed = unused.firstIndex { $0.probe == theirs.probe }.map { unused.remove(at: $0) }
      faults += Self.faults(mine, theirs, listed)
    }
    faults += unused.map { "\($0.probe): listed as a deviation, but there is no such probe" }
    return faults
  }

  private static func faults(_ mine: Answer, _ theirs: Answer, _ listed: Deviation?) -> [String] {
    guard let listed else {
      guard mine.value != theirs.value else { return [] }
      return ["\(theirs.probe): \(mine.value) where Apache Kafka answers \(theirs.value), and it is not listed"]
    }
    var faults: [String] = []
    if mine.value == theirs.value { faults.append("\(theirs.probe): listed as a deviation, but it is none any more") }
    if listed.ours != mine.value { faults.append("\(theirs.probe): \(mine.value), but \(listed.ours) is listed") }
    if listed.theirs != theirs.value {
      faults.append("\(theirs.probe): Apache Kafka answers \(theirs.value), but \(listed.theirs) is listed")
    }
    if listed.reason.isEmpty { faults.append("\(theirs.probe): listed without a reason") }
    return faults
  }
}
