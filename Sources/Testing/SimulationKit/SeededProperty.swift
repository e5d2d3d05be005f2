internal import Glibc

/// Runs a property for many seeds and names the seed that fails.
///
/// The environment variable `MILLRACE_SEED` runs one seed alone, `MILLRACE_SEEDS` so many instead of the given number.
package enum SeededProperty {
  /// Runs the property for the seeds 1 to `seeds`.
  ///
  /// - Throws: ``FailedSeed`` at the first seed for which the property throws.
  package static func holds(
    forSeeds seeds: Int = 200, _ property: (inout SeededGenerator) throws -> Void
  ) throws(FailedSeed) {
    for seed in chosenSeeds(seeds) {
      var generator = SeededGenerator(seed: seed)
      do { try property(&generator) } catch { throw FailedSeed(seed: seed, underlying: error) }
    }
  }

  /// Runs an asynchronous property for the seeds 1 to `seeds`, one after the other.
  ///
  /// - Throws: ``FailedSeed`` at the first seed for which the property throws.
  package static func holds(
    forSeeds seeds: Int = 200, _ property: (inout SeededGenerator) async throws -> Void
  ) async throws(FailedSeed) {
    for seed in chosenSeeds(seeds) {
      var generator = SeededGenerator(seed: seed)
      do { try await property(&generator) } catch { throw FailedSeed(seed: seed, underlying: error) }
    }
  }

  /// Refuses what a property claims not to happen: to be used inside a property, where `#expect` would not stop it.
  ///
  /// - Throws: ``BrokenClaim`` unless the condition holds.
  package static func claim(_ condition: Bool, _ message: @autoclosure () -> String) throws(BrokenClaim) {
    if !condition { throw BrokenClaim(message: message()) }
  }

  private static func chosenSeeds(_ count: Int) -> ClosedRange<UInt64> {
    if let seed = number(named: "MILLRACE_SEED") { return seed...seed }
    return 1...max(1, number(named: "MILLRACE_SEEDS") ?? UInt64(count))
  }

  private static func number(named name: String) -> UInt64? {
    getenv(name).flatMap { UInt64(String(cString: $0)) }
  }
}

/// A property that does not hold, and the seed that shows it.
package struct FailedSeed: Error, CustomStringConvertible {
  /// The seed: `MILLRACE_SEED=<seed>` runs it alone.
  package let seed: UInt64
  /// What the property threw.
  package let underlying: any Error

  package var description: String { "the property fails for seed \(seed) (MILLRACE_SEED=\(seed)): \(underlying)" }
}

/// A claim of a property that does not hold.
package struct BrokenClaim: Error, CustomStringConvertible {
  /// What was claimed, with the values that break it.
  package let message: String
  package var description: String { message }
}
