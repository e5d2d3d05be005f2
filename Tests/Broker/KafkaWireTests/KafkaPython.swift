import FoundationEssentials
import Glibc
import SimulationKit

/// kafka-python, a codec of the same protocol that others wrote.
enum KafkaPython {
  /// Where `script/install test-clients` puts it.
  static let interpreter = "\(ProjectFolder.path)/.build/test-clients/bin/python"

  static let isInstalled = FileManager.default.isExecutableFile(atPath: interpreter)

  /// Gives the lines to the script beside this file, and returns the lines that it says.
  static func check(_ lines: [String]) throws -> [String] {
    let path = FileManager.default.temporaryDirectory.path + "/kafka-wire-\(getpid())-\(lines.hashValue)"
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path))
    defer { unlink(path) }
    let script = "\(ProjectFolder.path)/Tests/Broker/KafkaWireTests/kafka_python.py"
    guard let pipe = popen("'\(interpreter)' '\(script)' '\(path)' 2>&1", "r") else { return [] }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { output += buffer[..<count] }
    pclose(pipe)
    return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
