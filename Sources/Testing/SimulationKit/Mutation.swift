/// What a fault or an enemy does to bytes.
package enum Mutation {
  /// Damages the bytes in one to four places, or puts others in their place.
  package static func damage(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
    if generator.isOne(in: 16) {
      bytes = generator.bytes(count: 0...200)
      return
    }
    for _ in 0..<Int.random(in: 1...4, using: &generator) { damageOnce(&bytes, using: &generator) }
  }

  private static func damageOnce(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
    guard !bytes.isEmpty else { return }
    let place = Int.random(in: bytes.indices, using: &generator)
    let end = min(bytes.count, place + Int.random(in: 1...8, using: &generator))
    switch Int.random(in: 0..<7, using: &generator) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 1: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
    case 2: bytes.removeSubrange(place...)
    case 3: bytes.removeSubrange(place..<end)
    case 4: bytes.insert(contentsOf: generator.bytes(count: 1...8), at: place)
    case 5: bytes.insert(contentsOf: bytes[place..<end], at: place)
    default:
      // The numbers at which lengths go wrong.
      let extremes: [[UInt8]] = [
        [0xff, 0xff, 0xff, 0xff], [0x7f, 0xff, 0xff, 0xff], [0x80, 0, 0, 0], [0, 0, 0, 0],
        [0xff, 0xff, 0xff, 0xff, 0x0f],
        [0x7f, 0xff], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], [0, 0x0f, 0xff, 0xff],
      ]
      let chosen = extremes[Int.random(in: 0..<extremes.count, using: &generator)]
      bytes.replaceSubrange(place..<min(bytes.count, place + chosen.count), with: chosen)
    }
  }
}
