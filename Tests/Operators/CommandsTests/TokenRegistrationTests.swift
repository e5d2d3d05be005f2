import Catalogue
import MillraceDomain
import Testing

@testable import Commands

/// Goal: `up` is not ready before the controller knows the administrator's token, and says what to do where it never will.
/// Method: the catalogue itself answers, after failures on the way.
@Suite struct TokenRegistrationTests {
  private struct Unreachable: Error, CustomStringConvertible {
    let description: String
  }

  private var generator = SystemRandomNumberGenerator()
  private let id: TokenID
  private let token: String

  init() {
    id = TokenID(at: Timestamp(milliseconds: 1_800_000_000_000), using: &generator)
    token = "mr_\(id)_secret"
  }

  /// The catalogue, one entry of its log after the other.
  private struct Book {
    var state = CatalogueState()
    var index: UInt64 = 0

    mutating func answer(_ action: CatalogueCommand.Action) -> CatalogueAnswer {
      index += 1
      let command = CatalogueCommand(at: Timestamp(milliseconds: 1_800_000_000_000), action)
      return state.apply(command, at: CatalogueIndex(index)).answer
    }
  }

  @Test func failuresOnTheWayAreTriedAgainAndToldOnce() async throws {
    var book = Book()
    var failures = ["no socket", "no socket", "no disk"]
    var notes: [String] = []
    var pauses = 0
    let outcome = try await #require(TokenRegistration(token)).run(
      note: { notes.append($0) },
      pause: {
        pauses += 1
        return .over
      },
      perform: { action in
        if !failures.isEmpty { throw Unreachable(description: failures.removeFirst()) }
        return book.answer(action)
      })
    #expect(outcome == .registered && pauses == 3)
    #expect(notes.count == 2 && notes[0].hasSuffix("no socket") && notes[1].hasSuffix("no disk"))
  }

  @Test func whatTheControllerKnowsIsRegistered() async throws {
    var book = Book()
    for _ in 0..<2 {
      let outcome = try await #require(TokenRegistration(token)).run(
        note: { _ in Issue.record("nothing is to be said") }, pause: { .over }, perform: { book.answer($0) })
      #expect(outcome == .registered)
    }
  }

  @Test func aRejectionOrARevocationIsFinal() async throws {
    var book = Book()
    _ = book.answer(
      .createToken(id: id, namespace: .standard, name: "another", secretDigest: String(repeating: "0", count: 64)))
    let other = try await #require(TokenRegistration(token)).run(
      note: { _ in }, pause: { .ending }, perform: { book.answer($0) })
    #expect(other == .refused("conflict: the id \(id) belongs to another token"))

    book = Book()
    let registration = try #require(TokenRegistration(token))
    _ = await registration.run(note: { _ in }, pause: { .ending }, perform: { book.answer($0) })
    _ = book.answer(.revokeToken(id: id))
    let revoked = await registration.run(note: { _ in }, pause: { .ending }, perform: { book.answer($0) })
    #expect(revoked == .refused("it was revoked"))
  }

  @Test func whenThePlatformEndsItIsGivenUp() async throws {
    let outcome = try await #require(TokenRegistration(token)).run(
      note: { _ in }, pause: { .ending }, perform: { _ in throw Unreachable(description: "away") })
    #expect(outcome == .givenUp)
  }

  @Test(arguments: ["", "secret", "mr_nonsense_x", "mr_"]) func whatIsNoTokenIsNone(_ text: String) {
    #expect(TokenRegistration(text) == nil)
  }
}
