internal import Glibc

/// Where a command reads and writes. Data goes to the output, everything else to the error output.
package struct Console: Sendable {
  /// Whether text is for a terminal.
  package enum Audience: Sendable, Equatable {
    /// Someone looks at it: columns and colours.
    case terminal
    /// A program reads it: no colours.
    case program
  }

  /// Who reads the output.
  package let outputAudience: Audience
  /// Who reads the error output.
  package let errorAudience: Audience
  private let writeOutput: @Sendable ([UInt8]) -> Void
  private let writeError: @Sendable ([UInt8]) -> Void

  /// A console that writes through the given closures.
  package init(
    outputAudience: Audience, errorAudience: Audience, writeOutput: @escaping @Sendable ([UInt8]) -> Void,
    writeError: @escaping @Sendable ([UInt8]) -> Void
  ) {
    self.outputAudience = outputAudience
    self.errorAudience = errorAudience
    self.writeOutput = writeOutput
    self.writeError = writeError
  }

  /// The process's own.
  package static func process() -> Console {
    Console(
      outputAudience: audience(of: STDOUT_FILENO), errorAudience: audience(of: STDERR_FILENO),
      writeOutput: { Console.write($0, to: STDOUT_FILENO) }, writeError: { Console.write($0, to: STDERR_FILENO) })
  }

  private static func audience(of descriptor: Int32) -> Audience { isatty(descriptor) == 1 ? .terminal : .program }

  /// Waits for room: a command has nothing else to do. A reader that has left ends it quietly, as SIGPIPE would.
  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR && errno != EAGAIN { return }
    }
  }

  /// Writes data.
  package func print(_ text: String) { writeOutput(Array((text + "\n").utf8)) }

  /// Writes data, ending the line where it is not ended.
  package func print(bytes: [UInt8]) { writeOutput(bytes.last == 0x0a ? bytes : bytes + [0x0a]) }

  /// Writes a line to the error output.
  package func note(_ text: String) { writeError(Array((text + "\n").utf8)) }

  /// Writes a line that the next one replaces, on a terminal; nothing otherwise.
  package func progress(_ text: String) {
    guard errorAudience == .terminal else { return }
    writeError(Array("\r\u{1b}[2K\(text)".utf8))
  }

  /// Takes the last progress line away.
  package func endProgress() { progress("") }

  /// Text in a colour where someone looks at the output.
  package func coloured(_ text: String, _ colour: Colour) -> String {
    outputAudience == .terminal ? colour.around(text) : text
  }

  /// Text in a colour where someone looks at the error output.
  package func noteColoured(_ text: String, _ colour: Colour) -> String {
    errorAudience == .terminal ? colour.around(text) : text
  }

  /// The colours there are.
  package enum Colour: Sendable {
    case red, green, yellow, faint

    fileprivate func around(_ text: String) -> String {
      switch self {
      case .red: "\u{1b}[31m\(text)\u{1b}[0m"
      case .green: "\u{1b}[32m\(text)\u{1b}[0m"
      case .yellow: "\u{1b}[33m\(text)\u{1b}[0m"
      case .faint: "\u{1b}[2m\(text)\u{1b}[0m"
      }
    }
  }
}
