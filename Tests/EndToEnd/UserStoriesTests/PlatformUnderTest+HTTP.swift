import EventLoop
import FoundationEssentials
import HTTPClient

extension PlatformUnderTest {
  /// One request to the gateway, with the administrator's token unless another is given.
  func http(
    _ method: String, _ path: String, token: String? = nil, fields: [(name: String, value: String)] = [],
    body: [UInt8] = []
  ) async throws -> (status: Int, fields: [(name: String, value: String)], body: String) {
    let authorization = (name: "Authorization", value: "Bearer \(token ?? administratorToken)")
    let request = OutgoingRequest(
      method, "http://127.0.0.1:\(port)\(path)", headers: [authorization] + fields, body: body,
      timeout: .seconds(60), responseLimitBytes: 16 << 20)
    let loop = loop
    return try await withCheckedThrowingContinuation { continuation in
      loop.spawn {
        do {
          let answer = try await HTTPRequester(loop: loop).send(request)
          continuation.resume(
            returning: (answer.status, answer.headers, String(decoding: answer.body, as: UTF8.self)))
        } catch {
          continuation.resume(throwing: error)
        }
      }
    }
  }
}
