import EventLoop
import FoundationEssentials
import Glibc
import Processes
import RealServers

/// `proxy_narrow.py` before a broker: it notes each kind of request, and ends the connection of one that is not in its table.
final class NarrowProxy: @unchecked Sendable {
  private let loop: EventLoop
  private let notes: String
  private var process: ChildProcess?  // on the loop only

  /// Starts the proxy. Answers when it listens.
  init(listening port: UInt16, before log: any RunningLog) async throws {
    loop = try Installed.loop.get()
    notes = "\(log.directory)/proxy.log"
    let target = log.bootstrapServers.drop { $0 != ":" }.dropFirst()
    let specification = ProcessSpecification(
      program: "python3", arguments: ["\(Installed.conformance)/proxy_narrow.py", "\(port)", "\(target)", notes],
      environment: Installed.environment, parentDeath: .signals(SIGKILL))
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      loop.execute {
        continuation.resume(with: Result { self.process = try ChildProcess(specification, on: self.loop) })
      }
    }
    for _ in 0..<1000 where FreePort.isFree(port) { try await loop.sleep(for: .milliseconds(10)) }
    guard !FreePort.isFree(port) else { throw ClientFailure("the proxy does not listen") }
  }

  /// Stops it and answers the lines that it wrote: one for each kind of request from each client.
  func stop() async -> [String] {
    await withCheckedContinuation { continuation in
      loop.spawn {
        self.process?.kill()
        _ = await self.process?.exit()
        continuation.resume()
      }
    }
    let bytes = FileManager.default.contents(atPath: notes) ?? Data()
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
