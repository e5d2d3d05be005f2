import Settings
import Testing
import YAML

@Suite struct SettingsTests {
  private let table = SettingsTable([
    Setting("gateway.listen", .address, default: "127.0.0.1:8080", "Where the gateway listens", aliases: ["listen"]),
    Setting("kafka.bootstrap.servers", .list, "The brokers", aliases: ["kafka"]),
    Setting("executor.slots", .integer(1...64), default: "4", "Sandboxes at once"),
    Setting("gateway.wait", .duration, default: "30s", "How long a caller waits"),
    Setting("log.size", .bytes, default: "1MiB", "How much"),
    Setting("log.level", .choice(["info", "debug"]), default: "info", "How much is said"),
    Setting("postgres.url", .text, "Where PostgreSQL is"),
    Setting("gateway.insecure-listen", .toggle, default: "false", "Listen beyond loopback"),
  ])

  private func resolve(
    _ flags: [(String, String)] = [], _ environment: [String: String] = [:], _ yaml: String? = nil
  ) throws -> ResolvedSettings {
    try table.resolve(
      flags: flags.map { (name: $0.0, value: $0.1) }, environment: environment,
      file: yaml.map { try YAMLReader.read($0) })
  }

  private func refusal(
    _ flags: [(String, String)] = [], _ environment: [String: String] = [:], _ yaml: String? = nil
  ) -> SettingsError? {
    do {
      _ = try resolve(flags, environment, yaml)
      return nil
    } catch {
      return error as? SettingsError
    }
  }

  @Test func theStrongestPlaceWinsAndIsKnown() throws {
    let yaml = "executor: {slots: 8}\ngateway:\n  listen: h:3\n"
    let all = try resolve(
      [("listen", "h:1")], ["MILLRACE_GATEWAY_LISTEN": "h:2", "MILLRACE_EXECUTOR_SLOTS": "9"], yaml)
    #expect(all.address("gateway.listen") == HostAndPort(host: "h", port: 1))
    #expect(all.source("gateway.listen") == .flag("listen"))
    #expect(
      all.integer("executor.slots") == 9 && all.source("executor.slots") == .environment("MILLRACE_EXECUTOR_SLOTS"))
    let fewer = try resolve([], [:], yaml)
    #expect(fewer.integer("executor.slots") == 8 && fewer.source("executor.slots") == .file(line: 1))
    #expect(fewer.source("gateway.listen") == .file(line: 3))
    #expect(fewer.duration("gateway.wait") == .seconds(30) && fewer.source("gateway.wait") == .standard)
    #expect(fewer.bytes("log.size") == 1 << 20 && !fewer.toggle("gateway.insecure-listen"))
    #expect(
      fewer.text("postgres.url") == nil && fewer.source("postgres.url") == nil && fewer.list("postgres.url") == [])
  }

  @Test(arguments: [
    "kafka.bootstrap.servers: [a:1, b:2]", "kafka.bootstrap.servers: a:1, b:2",
    "kafka: {bootstrap: {servers: 'a:1,b:2'}}",
  ]) func aListIsWrittenInAnyOfThreeWays(_ yaml: String) throws {
    #expect(try resolve([], [:], yaml).list("kafka.bootstrap.servers") == ["a:1", "b:2"])
  }

  @Test func unknownKeysAreRefusedNamingTheNearest() {
    let flag = refusal([("gateway-lisen", "h:1")])
    #expect(
      flag?.code == .unknownKey && flag?.message == "there is no flag --gateway-lisen; did you mean gateway-listen?")
    let variable = refusal([], ["MILLRACE_EXECUTOR_SLOT": "1"])
    #expect(variable?.message.hasSuffix("did you mean MILLRACE_EXECUTOR_SLOTS?") == true)
    #expect(refusal([], ["MILLRACE_SERVICE_HOST": "10.0.0.1", "OTHER": "x"]) == nil, "what others set is left alone")
    let key = refusal([], [:], "executor:\n  slts: 3\n")
    #expect(key?.message == "line 2, column 9: there is no setting executor.slts; did you mean executor.slots?")
    #expect(refusal([], [:], "nothing.like.it: 1")?.message.contains("did you mean") == false)
  }

  @Test(arguments: [
    ("executor-slots", "0"), ("executor-slots", "65"), ("executor-slots", "x"), ("gateway-wait", "10"),
    ("gateway-wait", "1s1h"),
    ("gateway-wait", ""), ("log-size", "1XB"), ("log-size", "9999999TiB"), ("listen", "8080"), ("listen", "h:70000"),
    ("listen", "::1:80"), ("log-level", "loud"), ("gateway-insecure-listen", "yes"),
  ]) func valuesThatDoNotFitAreRefusedNamingTheirSource(_ flag: String, _ value: String) {
    let error = refusal([(flag, value)])
    #expect(error?.code == .badValue)
    #expect(error?.message.hasPrefix("--\(flag): ") == true)
  }

  @Test func aValueThatIsNeededIsAskedFor() throws {
    let settings = try resolve()
    let error = #expect(throws: SettingsError.self) { try settings.required("kafka.bootstrap.servers") }
    #expect(
      error?.message == "kafka.bootstrap.servers has no value: say --kafka or set MILLRACE_KAFKA_BOOTSTRAP_SERVERS")
  }

  @Test func writtenFormsAreRead() {
    #expect(SettingValues.duration("1h30m") == .seconds(5400) && SettingValues.duration("250ms") == .milliseconds(250))
    #expect(SettingValues.bytes("64KiB") == 65536 && SettingValues.bytes("5MB") == 5_000_000)
    #expect(SettingValues.bytes("512") == 512 && SettingValues.bytes("-1") == nil)
    #expect(
      HostAndPort("[::1]:80") == HostAndPort(host: "::1", port: 80)
        && HostAndPort("[::1]:80")?.description == "[::1]:80")
    #expect(HostAndPort("h:+1") == nil && HostAndPort(":1") == nil)
  }

  @Test func theNearestNameIsFoundOnlyWhereItIsNear() {
    #expect(NearestName.of("inovke", in: ["invoke", "init"]) == "invoke")
    #expect(NearestName.of("xyz", in: ["invoke", "init"]) == nil)
    #expect(NearestName.distance("abcd", "acbd") == 1 && NearestName.distance("", "abc") == 3)
  }
}
