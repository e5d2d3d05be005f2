import EventLoop
import FoundationEssentials
import Processes
import RealServers

/// The controller as a process of its own, which can be killed. Confined to its loop.
final class ControllerProcess {
  /// The program, built beside the tests.
  static let program: String? = {
    guard let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
    let path = tests.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/millrace"
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }()

  private let process: ChildProcess

  /// Starts it on the world's directory and broker.
  init(_ world: ControllerWorld) throws {
    let specification = ProcessSpecification(
      program: ControllerProcess.program!,
      arguments: [
        "serve", "--roles", "controller", "--kafka", world.fixture.bootstrapServers, "--controller-directory",
        world.directory + "/state", "--controller-socket", world.directory + "/socket", "--controller-token", "secret",
      ], environment: ["PATH": "/usr/bin:/bin"])
    process = try ChildProcess(specification, on: world.loop)
  }

  /// SIGKILL; returns when it is gone.
  func kill() async {
    process.kill()
    _ = await process.exit()
  }
}
