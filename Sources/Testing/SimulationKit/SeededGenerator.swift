/// Reproducible random numbers: SplitMix64 (Steele, Lea, Flood 2014). The same seed gives the same numbers on every machine.
/// Not for secrets.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A generator whose numbers follow from the seed alone.
  package init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// True once in `count` times on average; `count` at least 1.
  package mutating func isOne(in count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

  /// Random bytes, as many as the range allows.
  package mutating func bytes(count: ClosedRange<Int>) -> [UInt8] {
    (0..<Int.random(in: count, using: &self)).map { _ in UInt8(truncatingIfNeeded: next()) }
  }

  /// A generator of its own for a part of a simulation, so that what one part draws does not shift the others.
  package mutating func split() -> SeededGenerator { SeededGenerator(seed: next()) }
}
