import FoundationEssentials
import MillraceDomain
import Testing

/// What may be called what.
@Suite struct NamesTests {
  private func accepts<Rule: NameRule>(_ type: Name<Rule>.Type, _ text: String) -> Bool {
    do {
      let name = try Name<Rule>(text)
      return name.text == text && name.description == text
    } catch {
      #expect(error.code == .badName)
      #expect(error.message.contains(Rule.requirement))
      return false
    }
  }

  @Test(
    "function names are Lambda's",
    arguments: [
      ("a", true), ("Hello-World_2", true), ("-", true), (String(repeating: "x", count: 64), true), ("", false),
      (String(repeating: "x", count: 65), false), ("a.b", false), ("a b", false), ("a/b", false), ("grüß", false),
      ("a\n", false), ("a\0", false), ("..", false), ("ａ", false),
    ])
  func functionNames(text: String, isName: Bool) { #expect(accepts(FunctionName.self, text) == isName) }

  @Test(
    "namespaces can be labels of DNS",
    arguments: [
      ("a", true), ("team-a1", true), ("a--b", true), (String(repeating: "x", count: 63), true), ("", false),
      (String(repeating: "x", count: 64), false), ("A", false), ("aB", false), ("1a", false), ("-a", false),
      ("a-", false),
      ("a_b", false), ("a.b", false), ("ä", false),
    ])
  func namespaceNames(text: String, isName: Bool) { #expect(accepts(NamespaceName.self, text) == isName) }

  @Test(
    "a handler is a module's path and a function",
    arguments: [
      ("app.handler", true), ("pkg.mod.handler", true), ("pkg/mod.handler", true), ("_a._b", true), ("a.b", true),
      ("größe.handler", true), ("app", false), ("app.", false), (".handler", false), ("app..handler", false),
      ("app/handler", false), ("pkg.mod/handler", false), ("/app.handler", false), ("../app.handler", false),
      ("pkg//mod.handler", false), ("1app.handler", false), ("app.1handler", false), ("app.hand ler", false),
      ("app.hand-ler", false), ("a.\0", false), (String(repeating: "a", count: 126) + ".b", true),
      (String(repeating: "a", count: 127) + ".b", false),
    ])
  func handlers(text: String, isName: Bool) { #expect(accepts(HandlerName.self, text) == isName) }

  @Test(
    "a runtime is a Python 3",
    arguments: [
      ("python3.8", true), ("python3.13", true), ("python3.99", true), ("python3.", false), ("python3.100", false),
      ("python3.0", false), ("python3.08", false), ("python2.7", false), ("python3.1x", false), ("Python3.8", false),
      ("nodejs20.x", false), ("", false),
    ])
  func runtimes(text: String, isName: Bool) { #expect(accepts(RuntimeName.self, text) == isName) }

  @Test(
    "a component is named after host and process",
    arguments: [
      ("host-4711", true), ("a.b_c", true), (String(repeating: "x", count: 128), true), ("", false),
      (String(repeating: "x", count: 129), false), ("a/b", false), ("a b", false), ("ä", false),
    ])
  func componentIDs(text: String, isName: Bool) { #expect(accepts(ComponentID.self, text) == isName) }

  @Test("a refusal quotes the beginning of what was given, however long it is")
  func boundedMessage() {
    let error = #expect(throws: DomainError.self) { try FunctionName(String(repeating: "x", count: 1_000_000)) }
    #expect((error?.message.utf8.count ?? .max) < 300)
  }

  @Test("names pass through JSON, and a bad one is refused there too")
  func json() throws {
    let names = [try FunctionName("b"), try FunctionName("a")]
    let data = try JSONEncoder().encode(names)
    #expect(String(decoding: data, as: UTF8.self) == #"["b","a"]"#)
    #expect(try JSONDecoder().decode([FunctionName].self, from: data) == names)
    #expect(names.sorted().map(\.text) == ["a", "b"])
    #expect(throws: DomainError.self) { try JSONDecoder().decode([FunctionName].self, from: Data(#"["a b"]"#.utf8)) }
  }

  @Test("the first namespace is default")
  func standardNamespace() { #expect(NamespaceName.standard.text == "default") }
}
