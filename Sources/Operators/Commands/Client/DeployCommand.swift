internal import CommandTable
internal import EventLoop
internal import FoundationEssentials
internal import HTTPClient
internal import MillraceDomain
internal import Security

/// `deploy`.
extension ClientCommand {
  /// How often the deployment is asked for, and for how long.
  private static let pollInterval: Duration = .milliseconds(100)
  private static let pollCount = 3000

  func deploy() async throws(CommandFailure) -> Int32 {
    let folder = try FunctionFolder(command.required("FOLDER"))
    let name = try name(of: folder)
    console.progress("sending \(folder.fileCount) files (\(folder.archive.count) bytes)")
    let boundary = Self.boundary(notIn: folder.archive)
    let answer: GatewayClient.Answer
    do throws(CommandFailure) {
      answer = try await gateway.send(
        "PUT", "/v1/functions/\(PercentEncoding.encode(name.text))",
        headers: [("Content-Type", "multipart/form-data; boundary=\(boundary)")],
        body: Self.multipart(folder, boundary: boundary), timeout: .seconds(120))
    } catch {
      console.endProgress()
      throw error
    }
    let deployment = try answer.json()
    guard let id = deployment["id"]?.text else {
      console.endProgress()
      throw CommandFailure(.refused, "the gateway's answer names no deployment")
    }
    return try await wait(for: id, name)
  }

  private func name(of folder: FunctionFolder) throws(CommandFailure) -> FunctionName {
    guard let said = command.value("name") else { return folder.name }
    do throws(DomainError) { return try FunctionName(said) } catch { throw CommandFailure(.usage, error.message) }
  }

  private func wait(for id: String, _ name: FunctionName) async throws(CommandFailure) -> Int32 {
    defer { console.endProgress() }
    var lastState = ""
    for _ in 0..<Self.pollCount {
      let answer = try await gateway.send("GET", "/v1/deployments/\(PercentEncoding.encode(id))", accepting: [404])
      let deployment = answer.status == 404 ? JSONValue.null : try answer.json()
      let state = deployment["status"]?.text ?? "pending"
      if state != lastState {
        lastState = state
        console.progress("\(name): \(state)")
        if console.errorAudience == .program { console.note("\(name): \(state)") }
      }
      switch state {
      case "active":
        console.endProgress()
        switch form {
        case .json: console.print(bytes: answer.body)
        case .text:
          console.print("\(name) version \(deployment["version"]?.shown ?? "") is \(coloured("active"))")
          console.note("next: millrace invoke \(name) --event '{}'")
        }
        return 0
      case "failed":
        throw CommandFailure(
          .refused, "\(name) was not deployed: \(deployment["reason"]?.shown ?? "no reason is known")")
      default: break
      }
      do { try await loop.sleep(for: Self.pollInterval) } catch { break }
    }
    throw CommandFailure(.unreachable, "\(name) is still \(lastState) after 5 minutes; deployment \(id)")
  }

  /// A boundary that the content does not hold: the content's own digest, lengthened until it is not there.
  private static func boundary(notIn content: [UInt8]) -> String {
    var boundary = "millrace-\(Hexadecimal.text(of: SHA256.digest(content)).prefix(32))"
    while content.firstRange(of: Array(boundary.utf8)) != nil { boundary += "-" + boundary }
    return boundary
  }

  private static func multipart(_ folder: FunctionFolder, boundary: String) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let configuration = try? encoder.encode(folder.configuration) else {
      preconditionFailure("a configuration is always JSON")
    }
    var body: [UInt8] = []
    func part(_ name: String, _ type: String, file: String, _ content: [UInt8]) {
      body += Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\(file)\r\n".utf8)
      body += Array("Content-Type: \(type)\r\n\r\n".utf8) + content + Array("\r\n".utf8)
    }
    part("config", "application/json", file: "", Array(configuration))
    part("code", "application/zip", file: "; filename=\"code.zip\"", folder.archive)
    return body + Array("--\(boundary)--\r\n".utf8)
  }
}
