import Testing

@testable import Commands

/// Goal: what `init` writes can be deployed on the host it is written on.
@Suite struct InitCommandTests {
  @Test(arguments: [
    (["python3.8", "python3.11", "python3.13"], "python3.11"), (["python3.9", "python3.12"], "python3.12"),
    (["python3.9"], "python3.9"), ([], "python3.11"),
  ]) func theRuntimeIsOneThatIsHere(_ installed: [String], _ chosen: String) {
    #expect(InitCommand.runtime(among: installed) == chosen)
  }
}
