import FoundationEssentials
import HTTPServer
import MillraceDomain
import SimulationKit
import Testing

@testable import Gateway

/// Goal: every refusal is a problem of RFC 9457 with a page.
@Suite struct ProblemTests {
  static let pages = ProjectFolder.path + "/docs/errors/"

  @Test("Every code has a page that says its status and title", arguments: GatewayError.Code.all)
  func page(_ code: GatewayError.Code) throws {
    let text = String(decoding: try Data(contentsOf: URL(filePath: Self.pages + code.name + ".md")), as: UTF8.self)
    #expect(text.hasPrefix("# \(code.name)\n\n\(code.status) · \(code.title)\n"))
    #expect(text.contains("## What happened") && text.contains("## What to do"))
  }

  @Test("Every page has a code")
  func noStrayPage() throws {
    let known = Set(GatewayError.Code.all.map { $0.name + ".md" } + ["README.md"])
    let pages = try FileManager.default.contentsOfDirectory(atPath: Self.pages)
    #expect(Set(pages).subtracting(known) == [])
  }

  @Test("Codes are unique and their statuses are errors")
  func codes() {
    #expect(Set(GatewayError.Code.all.map(\.name)).count == GatewayError.Code.all.count)
    #expect(GatewayError.Code.all.allSatisfy { 400...599 ~= $0.status })
  }

  @Test("A problem has type, title, status, detail, and what it is about")
  func details() throws {
    var generator = SystemRandomNumberGenerator()
    let id = InvocationID(at: Timestamp(milliseconds: 1), using: &generator)
    let response = GatewayError(.noResultYet, "It is running.", invocation: id, state: "running").response
    let body = String(decoding: response.body, as: UTF8.self)
    #expect(response.status == 409)
    #expect(response.fields.first?.value == "application/problem+json")
    #expect(
      body
        == #"{"code":"no_result_yet","detail":"It is running.","invocationId":"\#(id)","state":"running","status":409,"#
        + #""title":"There is no result yet","type":"https://millrace.dev/errors/no_result_yet"}"#)
  }

  @Test("What may be tried again says when; 401 says how")
  func fields() {
    func names(_ error: GatewayError) -> Set<String> { Set(error.response.fields.map(\.name)) }
    #expect(names(GatewayError(.overloaded, "x")).contains("Retry-After"))
    #expect(names(GatewayError(.tooManyWaiting, "x")).contains("Retry-After"))
    #expect(!names(GatewayError(.notFound, "x")).contains("Retry-After"))
    #expect(names(GatewayError(.unauthorized, "x")).contains("WWW-Authenticate"))
  }
}
