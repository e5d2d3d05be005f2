import MillraceDomain
import SimulationKit
import Testing

@testable import Gateway

/// Goal: the gateway's decisions are what the reference says, for every input.
@Suite struct GatewayRulesTests {
  @Test(
    "Prefer: respond-async is found among preferences",
    arguments: [
      (nil, GatewayRules.Mode.waiting), ("", .waiting), ("respond-async", .asynchronous),
      ("Respond-Async", .asynchronous), ("wait=10, respond-async", .asynchronous),
      ("respond-async;x=y , wait=1", .asynchronous), ("respond-asynchronously", .waiting),
      ("x=respond-async", .waiting),
    ])
  func mode(_ prefer: String?, _ expected: GatewayRules.Mode) { #expect(GatewayRules.mode(prefer: prefer) == expected) }

  @Test(
    "Events are JSON or of no said type",
    arguments: [
      (nil, true), ("", true), ("application/json", true), ("Application/JSON; charset=utf-8", true),
      ("application/cloudevents+json", true), ("text/plain", false), ("application/x-www-form-urlencoded", true),
      ("application/octet-stream", false),
      ("+json", false), ("application/+json", false), ("application/jsonp", false),
    ])
  func eventTypes(_ type: String?, _ expected: Bool) { #expect(GatewayRules.isEventType(type) == expected) }

  @Test("Sizes and waiting calls are bounded exactly")
  func admission() {
    let (waiting, asynchronous) = (GatewayLimits.waitingEventBytes, GatewayLimits.asyncEventBytes)
    #expect(GatewayRules.refusal(.waiting, eventBytes: waiting, waitingCalls: 0) == nil)
    #expect(GatewayRules.refusal(.waiting, eventBytes: waiting + 1, waitingCalls: 0)?.code == .contentTooLarge)
    #expect(GatewayRules.refusal(.asynchronous, eventBytes: asynchronous, waitingCalls: .max) == nil)
    #expect(
      GatewayRules.refusal(.asynchronous, eventBytes: asynchronous + 1, waitingCalls: 0)?.code == .contentTooLarge)
    let full = GatewayLimits.waitingCalls
    #expect(GatewayRules.refusal(.waiting, eventBytes: 1, waitingCalls: full - 1) == nil)
    let refusal = GatewayRules.refusal(.waiting, eventBytes: 1, waitingCalls: full)
    #expect(refusal?.code == .tooManyWaiting)
    #expect(refusal?.retryAfterSeconds == 1)
  }

  @Test("A function's waiting calls stay home while they are few, then use one partition more at a time")
  func waitingPartitions() {
    let room = GatewayLimits.waitingCallsPerPartition
    let chosen = [0, room - 1, room, 2 * room, 7 * room, 8 * room].map {
      GatewayRules.waitingPartition(home: 6, underWay: $0, of: 8)
    }
    #expect(chosen == [6, 6, 7, 0, 5, 6])
  }

  @Test("Partitions exist, whatever the names and ids; the same name has the same home")
  func partitionsExist() throws {
    try SeededProperty.holds(forSeeds: 500) { generator in
      let partitions = Int32.random(in: 1...64, using: &generator)
      let letters = (0..<Int.random(in: 1...64, using: &generator)).map { _ in
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_".randomElement(using: &generator)!
      }
      let name = try FunctionName(String(letters))
      let home = GatewayRules.homePartition(of: name, in: .standard, of: partitions)
      let id = InvocationID(at: Timestamp(milliseconds: 1_800_000_000_000), using: &generator)
      let chosen = [
        home, GatewayRules.asynchronousPartition(of: id, of: partitions),
        GatewayRules.waitingPartition(
          home: home, underWay: Int.random(in: 0...20_000, using: &generator), of: partitions),
      ]
      try SeededProperty.claim(chosen.allSatisfy { 0..<partitions ~= $0 }, "\(chosen) of \(partitions)")
      try SeededProperty.claim(
        home == GatewayRules.homePartition(of: name, in: .standard, of: partitions), "\(name) has two homes")
    }
  }

  @Test("Functions and invocations spread over all partitions")
  func spread() throws {
    var generator = SeededGenerator(seed: 7)
    let homes = Set(
      try (0..<200).map { GatewayRules.homePartition(of: try FunctionName("function-\($0)"), in: .standard, of: 8) })
    let partitions = Set(
      (0..<200).map { _ in
        GatewayRules.asynchronousPartition(
          of: InvocationID(at: Timestamp(milliseconds: 1), using: &generator), of: 8)
      })
    #expect(homes.count == 8 && partitions.count == 8)
  }

  @Test("An invocation would run only where every partition of tasks has an executor")
  func covered() {
    #expect(!GatewayRules.areCovered(4, by: []))
    #expect(!GatewayRules.areCovered(4, by: [[]]), "one that has just started has nothing yet")
    #expect(!GatewayRules.areCovered(4, by: [[0, 1], [3]]))
    #expect(GatewayRules.areCovered(4, by: [[0, 1], [3], [2]]))
    #expect(GatewayRules.areCovered(4, by: [[0, 1, 2, 3], [2, 9]]))
  }

  @Test("A wait is the function's timeout and a margin, within the gateway's bound")
  func waitLimit() {
    #expect(GatewayRules.waitLimit(timeoutSeconds: 3, bound: .seconds(900)) == .seconds(33))
    #expect(GatewayRules.waitLimit(timeoutSeconds: 900, bound: .seconds(900)) == .seconds(900))
    #expect(GatewayRules.waitLimit(timeoutSeconds: 900, bound: .seconds(5)) == .seconds(5))
  }

  @Test("Every state is told, and the function's errors are told as such")
  func telling() {
    let told = InvocationStatus.allCases.map { GatewayRules.telling($0, errorType: nil) }
    #expect(
      told == [
        .notYet, .notYet, .answer, .functionError("failed"), .functionError("timed_out"),
        .functionError("out_of_memory"), .notRun, .notRun, .notRun,
      ])
    #expect(GatewayRules.telling(.failed, errorType: "ValueError") == .functionError("ValueError"))
  }

  @Test(
    "Bearer tokens are read strictly",
    arguments: [
      ("Bearer abc", "abc"), ("bearer   a.b-c_d~e+f/g==", "a.b-c_d~e+f/g=="), ("Bearer ", nil), ("Bearer", nil),
      ("Basic abc", nil), ("Bearer a b", nil), ("Bearer a\"b", nil), (nil, nil),
      ("Bearer " + String(repeating: "a", count: 600), nil),
    ] as [(String?, String?)])
  func bearer(_ field: String?, _ secret: String?) {
    #expect(BearerToken.secret(field).map { String(decoding: $0, as: UTF8.self) } == secret)
  }
}
