import EventLoop
import FoundationEssentials
import KafkaWire
import PartitionLog
import Streams
import Testing

@testable import EmbeddedBroker

/// A whole broker in this process, on loopback, over a folder of its own: clients talk to it in bytes.
final class BrokerScene: Sendable {
  let directory: String
  let address: StreamAddress
  /// What its connections hold.
  let budgets: ConnectionBudgets
  private let loop: EventLoop
  private let run: Task<Void, Never>

  /// A broker that has started. `change` sets further options.
  static func start(
    in directory: String = "/tmp/broker-\(UInt64.random(in: 0 ... .max))", files: any FileLayer = DiskFiles(),
    _ change: (inout BrokerOptions) -> Void = { _ in }
  ) async throws -> BrokerScene {
    var options = BrokerOptions(directory: directory, listen: .tcp(host: "127.0.0.1", port: 0))
    options.files = files
    change(&options)
    let loop = try LoopThread.startLoop(name: "scene")
    let final = options
    let outcome: Outcome = await withCheckedContinuation { continuation in
      let once = Once(continuation)
      loop.execute {
        let stage = BrokerStage(loop: loop, options: final)
        let task = Holder()
        task.run = loop.spawn {
          do {
            try await stage.run(started: {
              loop.execute { once.resume(.started(stage, stage.address, task.run)) }
            })
          } catch { once.resume(.refused(error)) }
        }
      }
    }
    switch outcome {
    case .started(let stage, let address, let run):
      return BrokerScene(directory, try #require(address), stage.budgets, loop, try #require(run))
    case .refused(let error):
      loop.stop()
      throw error
    }
  }

  private enum Outcome: Sendable {
    case started(BrokerStage, StreamAddress?, Task<Void, Never>?)
    case refused(any Error)
  }

  /// Written and read on the loop alone.
  private final class Holder: @unchecked Sendable { var run: Task<Void, Never>? }

  /// Resumes once. Used on the loop alone.
  private final class Once: @unchecked Sendable {
    private var continuation: CheckedContinuation<Outcome, Never>?
    init(_ continuation: CheckedContinuation<Outcome, Never>) { self.continuation = continuation }
    func resume(_ outcome: Outcome) {
      continuation?.resume(returning: outcome)
      continuation = nil
    }
  }

  private init(
    _ directory: String, _ address: StreamAddress, _ budgets: ConnectionBudgets, _ loop: EventLoop,
    _ run: Task<Void, Never>
  ) {
    self.budgets = budgets
    self.directory = directory
    self.address = address
    self.loop = loop
    self.run = run
  }

  /// A client with a connection of its own.
  func client() -> WireClient { WireClient(address) }

  /// Returns once a number of the budgets' is as wanted; what never comes fails after a while.
  func until(_ number: any KeyPath<ConnectionBudgets, Int> & Sendable, _ isWanted: (Int) -> Bool) async throws {
    let deadline = LoopInstant.current() + .seconds(30)
    while !isWanted(budgets[keyPath: number]) {
      try #require(LoopInstant.current() < deadline, "it stays at \(budgets[keyPath: number])")
      await Task.yield()
    }
  }

  /// Ends it as a signal would: cleanly. Its folder stays.
  func stop() async {
    run.cancel()
    await run.value
    loop.stop()
  }

  /// Ends it and removes its folder.
  func end() async {
    await stop()
    try? FileManager.default.removeItem(atPath: directory)
  }
}
