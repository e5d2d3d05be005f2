import LogContracts
import MillraceDomain
import SimulationKit
import Testing

@testable import Gateway

/// Goal: a form is read exactly, or refused; no bytes break the reader.
@Suite struct MultipartFormTests {
  private let boundary = Array("b0undary".utf8)

  private func form(_ body: String) -> Result<MultipartForm, MultipartForm.Malformed> {
    do throws(MultipartForm.Malformed) {
      return .success(try MultipartForm(Array(body.utf8), boundary: boundary))
    } catch {
      return .failure(error)
    }
  }

  @Test("Parts have their names, file names, types and bytes")
  func parts() throws {
    let body =
      "--b0undary\r\nContent-Disposition: form-data; name=\"config\"\r\n\r\n{}\r\n"
      + "--b0undary\r\ncontent-disposition: Form-Data; name=code; filename=\"a \\\"b\\\".py\"\r\n"
      + "Content-Type: text/x-python\r\nX-Other: y\r\n\r\nline\r\n--b0undar\r\nend\r\n--b0undary\r\n"
      + "Content-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n--b0undary--\r\n"
    let form = try form(body).get()
    #expect(form.parts.map(\.name) == ["config", "code", "empty"])
    #expect(form["config"].map { String(decoding: $0.content, as: UTF8.self) } == "{}")
    #expect(form["code"]?.fileName == "a \"b\".py")
    #expect(form["code"]?.contentType == "text/x-python")
    #expect(form["code"].map { String(decoding: $0.content, as: UTF8.self) } == "line\r\n--b0undar\r\nend")
    #expect(form["empty"]?.content.isEmpty == true)
    #expect(form["other"] == nil)
  }

  static let part = "Content-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n"

  @Test(
    "Malformed forms",
    arguments: [
      "", "--b0undary", "--b0undary\r\n", "--b0undary\r\n\(part)", "preamble\r\n--b0undary\r\n\(part)--b0undary--",
      "--b0undary\r\n\(part)--b0undary--\r\nepilogue", "--b0undary\r\n\(part)--b0undary",
      "--b0undary\n\(part)--b0undary--",
      "--b0undaryX\r\n\(part)--b0undary--", "--b0undary\r\n\r\nx\r\n--b0undary--", "--b0undary\r\n--b0undary--",
      "--b0undary\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--b0undary--",
      "--b0undary\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b0undary--",
      "--b0undary\r\nContent-Disposition: form-data; name=\"\"\r\n\r\nx\r\n--b0undary--",
      "--b0undary\r\nContent-Disposition: form-data; name=\"a\"\r\n--b0undary--",
      "--b0undary\r\n\(part)--b0undary\r\n\(part)--b0undary--",
      "--b0undary\r\nContent-Transfer-Encoding: base64\r\n\(part)--b0undary--",
      "--b0undary\r\nContent-Disposition : form-data; name=\"a\"\r\n\r\nx\r\n--b0undary--",
      "--b0undary\r\nX: \(String(repeating: "y", count: 5000))\r\n\(part)--b0undary--",
      String(repeating: "--b0undary\r\n\(part)", count: 1) + "--b0undary\r\nContent-Disposition: form-data; name=\"b",
    ])
  func malformed(_ body: String) {
    if case .success(let form) = form(body) { Issue.record("read as \(form.parts.map(\.name))") }
  }

  @Test("More parts than the limit are refused")
  func tooMany() {
    let parts = (0...MultipartForm.partLimit).map {
      "--b0undary\r\nContent-Disposition: form-data; name=\"p\($0)\"\r\n\r\nx\r\n"
    }
    if case .success = form(parts.joined() + "--b0undary--") { Issue.record("too many parts were read") }
  }

  @Test(
    "Boundaries are found in content types",
    arguments: [
      ("multipart/form-data; boundary=abc", "abc"), ("Multipart/Form-Data; charset=utf-8; boundary=\"a b\"", "a b"),
      ("multipart/form-data", nil), ("multipart/mixed; boundary=abc", nil), ("multipart/form-data; boundary=", nil),
      ("multipart/form-data; boundary=\"a \"", nil), ("multipart/form-data; boundary=a\"b", nil),
      ("multipart/form-data; boundary=" + String(repeating: "a", count: 71), nil), (nil, nil),
    ] as [(String?, String?)])
  func boundaries(_ type: String?, _ expected: String?) {
    #expect(MultipartForm.boundary(ofContentType: type).map { String(decoding: $0, as: UTF8.self) } == expected)
  }

  @Test("What was put into a form comes out, and mutations never break the reader")
  func roundTrip() throws {
    try SeededProperty.holds(forSeeds: 1500) { generator in
      let contents = (0..<Int.random(in: 1...4, using: &generator)).map { _ in generator.bytes(count: 0...60) }
      var body: [UInt8] = []
      for (index, content) in contents.enumerated() {
        body +=
          Array("--b0undary\r\nContent-Disposition: form-data; name=\"p\(index)\"\r\n\r\n".utf8) + content + [13, 10]
      }
      body += Array("--b0undary--".utf8)
      let form = try MultipartForm(body, boundary: boundary)
      try SeededProperty.claim(form.parts.map { Array($0.content) } == contents, "\(contents)")
      for _ in 0..<5 {
        let place = Int.random(in: 0..<body.count, using: &generator)
        if generator.isOne(in: 2) {
          body.remove(at: place)
        } else {
          body[place] = UInt8(truncatingIfNeeded: generator.next())
        }
        _ = try? MultipartForm(body, boundary: boundary)
      }
    }
  }
}

/// Goal: a deployment's form says what to build, or what is wrong with it.
@Suite struct DeploymentFormTests {
  private func form(
    config: String, code: [UInt8] = Array("def handler(e, c): pass".utf8), fileName: String = "app.py",
    extra: String = ""
  ) throws(GatewayError) -> DeploymentForm {
    var body = Array("--b\r\nContent-Disposition: form-data; name=\"config\"\r\n\r\n\(config)\r\n\(extra)".utf8)
    body += Array("--b\r\nContent-Disposition: form-data; name=\"code\"; filename=\"\(fileName)\"\r\n\r\n".utf8)
    body += code + Array("\r\n--b--\r\n".utf8)
    return try DeploymentForm(contentType: "multipart/form-data; boundary=b", body: body)
  }

  @Test("What is left out has its default; a zip is known by its bytes, Python by its name")
  func defaults() throws {
    let python = try form(config: #"{"handler": "app.handler", "runtime": "python3.11"}"#)
    #expect(python.archive == .python)
    #expect(python.configuration.memoryMebibytes == 128 && python.configuration.timeoutSeconds == 3)
    let zip = try form(
      config: #"{"handler":"app.handler","runtime":"python3.12","memoryMebibytes":256,"environment":{"A":"b"}}"#,
      code: [0x50, 0x4b, 3, 4, 0], fileName: "app.py")
    #expect(zip.archive == .zip)
    #expect(zip.configuration.memoryMebibytes == 256 && zip.configuration.environment == ["A": "b"])
    #expect(zip.code == [0x50, 0x4b, 3, 4, 0])
  }

  @Test(
    "Configurations that are refused, and why",
    arguments: [
      ("{}", "handler"), (#"{"handler":"app.handler"}"#, "runtime"),
      (#"{"handler":"app","runtime":"python3.11"}"#, "handler"),
      (#"{"handler":"app.handler","runtime":"ruby"}"#, "python3.N"),
      (#"{"handler":"app.handler","runtime":"python3.11","memory":1}"#, "'memory'"),
      (#"{"handler":"app.handler","runtime":"python3.11","memoryMebibytes":1}"#, "64 to 10240"),
      (#"{"handler":"app.handler","runtime":"python3.11","timeoutSeconds":"3"}"#, "timeoutSeconds"),
      (#"{"handler":"app.handler","runtime":"python3.11","environment":{"AWS_LAMBDA_X":"1"}}"#, "AWS_LAMBDA_X"),
      ("[]", "config"), ("not json", "JSON"),
    ])
  func refused(_ config: String, _ reason: String) {
    let error = #expect(throws: GatewayError.self) { try form(config: config) }
    #expect(error?.code == .invalidDeployment)
    #expect(error?.detail.contains(reason) == true, "\(error?.detail ?? "")")
  }

  @Test("Missing, unknown and wrong parts")
  func parts() {
    let good = #"{"handler":"app.handler","runtime":"python3.11"}"#
    #expect(throws: GatewayError.self) { try form(config: good, code: [1, 2], fileName: "app.txt") }
    #expect(throws: GatewayError.self) { try form(config: good, code: []) }
    let extra = "--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n"
    #expect(throws: GatewayError.self) { try form(config: good, extra: extra) }
    let type = #expect(throws: GatewayError.self) { try DeploymentForm(contentType: "application/json", body: []) }
    #expect(type?.code == .unsupportedMediaType)
    let malformed = #expect(throws: GatewayError.self) {
      try DeploymentForm(contentType: "multipart/form-data; boundary=b", body: [1])
    }
    #expect(malformed?.code == .badRequest)
  }
}
