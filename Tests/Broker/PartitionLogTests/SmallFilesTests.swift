import SimulationKit
import Testing

@testable import PartitionLog

/// The small files beside the batches.
struct SmallFilesTests {
  /// Goal: checkpoints are Kafka's text, and read back as they were written.
  @Test func `a checkpoint file tells what was written`() {
    let lines = [
      CheckpointFile.Line(topic: "a", partition: 0, offset: 0),
      CheckpointFile.Line(topic: "b.c_d-e", partition: .max, offset: .max),
    ]
    let bytes = CheckpointFile.encode(lines)
    #expect(String(decoding: bytes, as: UTF8.self) == "0\n2\na 0 0\nb.c_d-e 2147483647 9223372036854775807\n")
    #expect(CheckpointFile.decode(bytes) == lines)
    #expect(CheckpointFile.decode(CheckpointFile.encode([])) == [])
  }

  /// Goal: half a checkpoint, or another one's text, is none: then more is looked at, and nothing is believed.
  @Test(arguments: [
    "", "0", "0\n", "0\n1\n", "0\n2\na 0 0\n", "1\n1\na 0 0\n", "0\n1\na 0\n", "0\n1\na 0 -1\n", "0\n1\na x 0\n",
    "0\n1\na 0 9223372036854775808\n", "0\n-1\n", "0\nx\na 0 0\n", "\u{0}\u{0}\u{0}\u{0}",
  ])
  func `a checkpoint file that is not whole is none`(_ text: String) {
    #expect(CheckpointFile.decode(Array(text.utf8)) == nil)
  }

  /// Goal: an index finds the last entry at or before, and is the same from its files.
  @Test func `an index finds what a look at every entry finds`() throws {
    try SeededProperty.holds(forSeeds: 100) { random in
      let count = Int.random(in: 0...30, using: &random)
      var (index, offset, position, time): (SegmentIndex, Int32, Int32, Int64) = (.init(), 0, 0, 0)
      for _ in 0..<count {
        offset += Int32.random(in: 1...5, using: &random)
        position += Int32.random(in: 61...500, using: &random)
        time += Int64.random(in: 0...3, using: &random)
        index.add(SegmentIndex.Place(relativeOffset: offset, position: position))
        index.add(SegmentIndex.Moment(timestamp: time, relativeOffset: offset))
      }
      for sought in 0...Int64(offset) + 2 {
        let expected = index.places.last { Int64($0.relativeOffset) <= sought }
        try SeededProperty.claim(index.place(of: sought) == expected, "\(sought) is not at \(expected as Any)")
      }
      for sought in 0...time + 2 {
        let expected = index.moments.last { $0.timestamp < sought }
        try SeededProperty.claim(index.moment(before: sought) == expected, "before \(sought) is not \(expected as Any)")
      }
      let read = SegmentIndex(
        places: index.placeBytes(), moments: index.momentBytes(), logByteCount: Int64(position) + 61)
      try SeededProperty.claim(read == index, "the files tell something else")
    }
  }

  /// Goal: what cannot be an index is none: a part of an entry, entries that go back, or that point behind the end.
  @Test func `an index that cannot be right is none`() {
    func read(_ places: [(Int32, Int32)], _ moments: [(Int64, Int32)] = [], extra: [UInt8] = []) -> SegmentIndex? {
      var (first, second): ([UInt8], [UInt8]) = ([], [])
      for place in places {
        BigEndian.append(place.0, to: &first)
        BigEndian.append(place.1, to: &first)
      }
      for moment in moments {
        BigEndian.append(moment.0, to: &second)
        BigEndian.append(moment.1, to: &second)
      }
      return SegmentIndex(places: first + extra, moments: second, logByteCount: 1_000)
    }
    #expect(read([(5, 100), (9, 200)], [(1, 5), (2, 9)]) != nil)
    #expect(read([(5, 100)], extra: [0]) == nil)
    #expect(read([(5, 100), (5, 200)]) == nil)
    #expect(read([(5, 200), (6, 100)]) == nil)
    #expect(read([(-1, 100)]) == nil)
    #expect(read([(5, -1)]) == nil)
    #expect(read([(5, 1_000)]) == nil)
    #expect(read([], [(2, 5), (1, 9)]) == nil)
    #expect(read([], [(1, 5), (2, 5)]) == nil)
    #expect(read([], [(1, -5)]) == nil)
  }
}
