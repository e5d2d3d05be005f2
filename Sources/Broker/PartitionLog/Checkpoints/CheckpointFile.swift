/// A small text file with an offset for each partition: `recovery-point-offset-checkpoint` and `log-start-offset-checkpoint`, in
/// Kafka's form: a version, the number of lines, and `topic partition offset` on each.
package enum CheckpointFile {
  /// The name of the file with the recovery points.
  package static let recoveryPoints = "recovery-point-offset-checkpoint"
  /// The name of the file with the log start offsets.
  package static let logStarts = "log-start-offset-checkpoint"

  /// A line of it.
  package struct Line: Equatable, Sendable {
    package let topic: String
    package let partition: Int32
    package let offset: Int64

    package init(topic: String, partition: Int32, offset: Int64) {
      self.topic = topic
      self.partition = partition
      self.offset = offset
    }
  }

  package static func encode(_ lines: [Line]) -> [UInt8] {
    var text = "0\n\(lines.count)\n"
    for line in lines { text += "\(line.topic) \(line.partition) \(line.offset)\n" }
    return Array(text.utf8)
  }

  /// Nil where the file is not whole: then nothing is known, and more is looked at.
  package static func decode(_ bytes: [UInt8]) -> [Line]? {
    let rows = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard rows.count >= 2, rows[0] == "0", Int(rows[1]) == rows.count - 2 else { return nil }
    var lines: [Line] = []
    for row in rows[2...] {
      let words = row.split(separator: " ")
      guard words.count == 3, let partition = Int32(words[1]), let offset = Int64(words[2]), offset >= 0 else {
        return nil
      }
      lines.append(Line(topic: String(words[0]), partition: partition, offset: offset))
    }
    return lines
  }
}
