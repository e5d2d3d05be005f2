import Glibc
import KafkaWire
import SimulationKit
import Testing

/// Whatever bytes arrive, reading them ends in a message or in an error, and a message that was read can be written and
/// read again.
///
/// `MILLRACE_FUZZ_INPUTS` sets how many inputs are tried.
@Suite struct FuzzTests {
  static let inputs = getenv("MILLRACE_FUZZ_INPUTS").flatMap { Int(String(cString: $0)) } ?? 20_000
  static let inputsPerSeed = 100

  /// Inputs that were read and inputs that were refused: both must occur, or the fuzz tries the wrong bytes.
  private struct Tally {
    var read = 0
    var refused = 0
  }

  @Test func `pitfall 16: damaged frames end in a message or an error`() throws {
    var tally = Tally()
    try SeededProperty.holds(forSeeds: Self.inputs / Self.inputsPerSeed) { generator in
      for _ in 0..<Self.inputsPerSeed {
        let request = MessageList.requests[Int.random(in: 0..<MessageList.requests.count, using: &generator)]
        try tryFrame(request, &generator, &tally)
      }
    }
    #expect(tally.read > 0 && tally.refused > 0)
  }

  @Test func `pitfall 16: damaged batches end in records or an error`() throws {
    var tally = Tally()
    try SeededProperty.holds(forSeeds: Self.inputs / Self.inputsPerSeed) { generator in
      for _ in 0..<Self.inputsPerSeed { tryBatch(&generator, &tally) }
    }
    #expect(tally.read > 0 && tally.refused > 0)
  }

  private func tryFrame<Request: WireRequest>(
    _ request: Request.Type, _ generator: inout SeededGenerator, _ tally: inout Tally
  ) throws {
    let version = Int16.random(in: APITable.entry(for: Request.key).versions, using: &generator)
    var frame: [UInt8] = []
    if generator.isOne(in: 2) {
      let header = RequestHeader(key: Request.key, version: version, correlationID: 1, clientID: "fuzz")
      try header.encode(into: &frame)
      try RandomCoder.message(Request.self, version: version, using: &generator).encode(into: &frame, version: version)
      Mutation.damage(&frame, using: &generator)
      guard let (header, body) = try? RequestHeader.decode(frame[...]) else {
        tally.refused += 1
        return
      }
      guard let key = header.key, APITable.entry(for: key).versions.contains(header.version) else { return }
      try readAgain(MessageList.request(key), body, header.version, &tally)
    } else {
      let answer = try RandomCoder.message(Request.Response.self, version: version, using: &generator)
      try answer.encode(into: &frame, version: version)
      Mutation.damage(&frame, using: &generator)
      try readAgain(Request.Response.self, frame[...], version, &tally)
    }
  }

  private func readAgain<Message: WireMessage>(
    _ type: Message.Type, _ bytes: ArraySlice<UInt8>, _ version: Int16, _ tally: inout Tally
  ) throws {
    guard let message = try? Message.decode(bytes, version: version) else {
      tally.refused += 1
      return
    }
    tally.read += 1
    var output: [UInt8] = []
    do throws(WireError) {
      try message.encode(into: &output, version: version)
    } catch {
      // Bytes that are no UTF-8 have become replacement characters, which take three bytes each.
      return try SeededProperty.claim(error.code == .stringTooLong, "\(message) \(version): \(error)")
    }
    let again = try Message.decode(output[...], version: version)
    try SeededProperty.claim(again == message, "\(version): \(message) became \(again)")
  }

  private func tryBatch(_ generator: inout SeededGenerator, _ tally: inout Tally) {
    var builder = RecordBatchBuilder()
    for _ in 0..<Int.random(in: 1...5, using: &generator) {
      let name = generator.bytes(count: 0...4)[...]
      builder.append(
        key: generator.isOne(in: 3) ? nil : generator.bytes(count: 0...9)[...],
        value: generator.bytes(count: 0...9)[...], timestamp: Int64(generator.next() >> 20),
        headers: generator.isOne(in: 2) ? [] : [Record.Header(name: name, value: nil)])
    }
    var bytes = builder.finish()
    Mutation.damage(&bytes, using: &generator)
    guard let batch = try? RecordBatch(firstOf: bytes[...]) else {
      tally.refused += 1
      return
    }
    // What a look at the header says must never trap either.
    _ = (batch.isChecksumValid, batch.contradiction, batch.lastOffset, batch.lastSequence, batch.compression)
    if (try? RecordReader.records(of: batch)) != nil { tally.read += 1 } else { tally.refused += 1 }
  }
}
