import FoundationEssentials
import Glibc
import Settings
import Testing

@testable import Commands

/// Goal: roles are told what the user said, and what `up` has decided only where the user said nothing.
@Suite struct RoleProcessesTests {
  private static let roleSettings = [
    Setting("controller.socket", .text, "Socket"), Setting("controller.directory", .text, "Directory"),
    Setting("executor.directory", .text, "Directory"),
    Setting("executor.sandboxes", .integer(1...9), default: "4", "How many"),
  ]

  private func environment(_ flags: [(name: String, value: String)], in folder: String) throws -> [String: String] {
    let program = ServerProgram(roles: [], settings: Self.roleSettings) { _, _, _ in 0 }
    let settings = try program.settings.resolve(flags: flags, environment: [:], file: nil)
    let listen = try #require(HostAndPort("127.0.0.1:1234"))
    return RoleProcesses(
      program: program, settings: settings, environment: [:], data: try DataFolder(folder),
      brokers: "127.0.0.1:9", postgresURL: "postgres:///x", listen: listen
    ).environment
  }

  @Test func whatTheUserSaysOfFoldersAndSocketsStands() throws {
    let folder = "/tmp/role-processes-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let own = try environment([], in: folder)
    #expect(own["MILLRACE_DATA_DIRECTORY"] == folder && own["MILLRACE_GATEWAY_LISTEN"] == "127.0.0.1:1234")
    #expect(own["MILLRACE_KAFKA_BOOTSTRAP_SERVERS"] == "127.0.0.1:9")
    #expect(own["MILLRACE_CONTROLLER_SOCKET"] == "\(folder)/run/controller.sock")
    #expect(own["MILLRACE_CONTROLLER_DIRECTORY"] == "\(folder)/controller")
    #expect(own["MILLRACE_EXECUTOR_DIRECTORY"] == nil, "the executor's own default is below the data")
    #expect(own["MILLRACE_EXECUTOR_SANDBOXES"] == nil)

    let said = try environment(
      [
        ("data", "elsewhere"), ("controller-socket", "/run/mine.sock"), ("controller-directory", "/srv/controller"),
        ("executor-directory", "/srv/code"), ("executor-sandboxes", "7"),
      ], in: folder)
    #expect(said["MILLRACE_DATA_DIRECTORY"] == folder)
    #expect(said["MILLRACE_CONTROLLER_SOCKET"] == "/run/mine.sock")
    #expect(said["MILLRACE_CONTROLLER_DIRECTORY"] == "/srv/controller")
    #expect(said["MILLRACE_EXECUTOR_DIRECTORY"] == "/srv/code")
    #expect(said["MILLRACE_EXECUTOR_SANDBOXES"] == "7")
  }
}
