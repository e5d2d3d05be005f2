import LogContracts
import LogRecords
import MillraceDomain
import SimulationKit

@testable import Recorder

/// What a few invocations leave on the log: one stream a topic, each in its order, with results that were written twice.
struct FactStreams {
  typealias Entry = (record: ConsumedRecord, source: RecorderSource)
  private(set) var streams: [[Entry]] = []

  init(_ generator: inout SeededGenerator, invocations: Int = 5) throws {
    var outgoing: [RecorderSource: [OutgoingRecord]] = [:]
    for _ in 0..<invocations {
      let sample = try SampleInvocation(&generator)
      let attempts = Int64.random(in: 1...3, using: &generator)
      for attempt in 1...attempts {
        outgoing[.tasks, default: []].append(try sample.task(attempt: attempt))
        if generator.isOne(in: 8) { break }
        for sequence in 0..<Int64.random(in: 0...3, using: &generator) {
          outgoing[.logs, default: []].append(
            try sample.output(attempt: attempt, sequence: sequence, phase: sequence == 0 ? .begin : .middle))
        }
        if generator.isOne(in: 4) { continue }
        let status = InvocationStatus.allCases.filter(\.isTerminal).randomElement(using: &generator)!
        for repeated in 0..<Int.random(in: 1...2, using: &generator) {
          outgoing[.results, default: []].append(
            try sample.result(attempt: attempt, status: status, payload: "\(attempt), \(repeated)"))
        }
      }
      if generator.isOne(in: 6) {
        let letter = DeadLetterRecord(
          of: try sample.task(attempt: attempts).consumed(offset: Int64.random(in: 0...9, using: &generator)),
          because: ContractError(.unprocessable, "gone"))
        outgoing[.deadLetters, default: []].append(letter.encoded(context: sample.context))
      }
    }
    streams = RecorderSource.allCases.map { source in
      (outgoing[source] ?? []).enumerated().map { ($1.consumed(offset: Int64($0)), source) }
    }
  }

  /// One topic after the other.
  func inOrder() -> [Entry] { streams.flatMap { $0 } }

  /// The topics mixed, each in its order, some of it twice: as after a crash before the offsets were stored.
  func interleaved(_ generator: inout SeededGenerator) -> [Entry] {
    var positions = streams.map { _ in 0 }
    var mixed: [Entry] = []
    while let stream = streams.indices.filter({ positions[$0] < streams[$0].count }).randomElement(using: &generator) {
      mixed.append(streams[stream][positions[stream]])
      positions[stream] += 1
      if generator.isOne(in: 5) {
        positions[stream] -= min(positions[stream], Int.random(in: 1...3, using: &generator))
      }
    }
    return mixed
  }
}
