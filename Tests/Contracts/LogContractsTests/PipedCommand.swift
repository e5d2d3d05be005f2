import Glibc

/// Runs a program to its end with its output in a pipe.
enum PipedCommand {
  /// nil where it could not be started. The arguments must not need quoting for a shell.
  static func run(_ program: String, _ arguments: [String]) -> (status: Int32, output: String)? {
    let line = ([program] + arguments).map { "'\($0)'" }.joined(separator: " ") + " 2>&1"
    guard let pipe = popen(line, "r") else { return nil }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { output += buffer[..<count] }
    let status = pclose(pipe)
    return (status & 0x7f == 0 ? status >> 8 : -1, String(decoding: output, as: UTF8.self))
  }
}
