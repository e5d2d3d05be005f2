internal import EventLoop
internal import FoundationEssentials
internal import Glibc
internal import Processes
internal import PythonSandbox

/// Has a file parsed by the Python that will run it: nothing of it is executed.
enum SourceCheck {
  /// Reads the source from standard input once it is nobody: the interpreter itself may lie where only its owner reads.
  private static let script = """
    import ast, encodings.ascii, encodings.latin_1, encodings.utf_8_sig, json, os, sys
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
    source = sys.stdin.buffer.read()
    verdict = None
    try:
        compile(source, sys.argv[1], "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    except SyntaxError as error:
        verdict = {"message": str(error.msg), "line": error.lineno}
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        verdict = {"message": str(error) or type(error).__name__, "line": None}
    json.dump(verdict, sys.stdout)
    """

  private struct Verdict: Decodable {
    let message: String
    let line: Int?
  }

  /// Parses the source as `interpreter` reads it.
  ///
  /// - Throws: ``BuilderError`` with `syntax`, or `unavailable` where the interpreter could not be started.
  static func parse(
    _ source: [UInt8], named path: String, with interpreter: PythonInterpreter, on loop: EventLoop
  ) async throws(BuilderError) {
    let specification = ProcessSpecification(
      program: interpreter.path, arguments: ["-I", "-S", "-W", "ignore", "-c", script, path],
      environment: ["LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"], workingDirectory: "/",
      resourceLimits: [
        .addressSpaceBytes(BuilderLimits.parserMemoryByteCount),
        .processorSeconds(BuilderLimits.parserProcessorSeconds), .fileBytes(0), .coreBytes(0),
      ])
    let limits = CapturedProcess.Limits(
      time: BuilderLimits.parseTime, outputBytes: BuilderLimits.parserOutputByteCount)
    let run: CapturedProcess
    do { run = try await CapturedProcess.run(specification, input: source, limits: limits, on: loop) } catch {
      throw BuilderError(.unavailable, "\(interpreter.runtime) cannot be started: \(error)")
    }
    try judge(run, path, interpreter)
  }

  private static func judge(
    _ run: CapturedProcess, _ path: String, _ interpreter: PythonInterpreter
  ) throws(BuilderError) {
    guard run.isSuccess else {
      let why =
        switch run.end {
        case .timedOut: "it takes too long"
        case .wroteTooMuch: "its parser writes too much"
        case .ended(let end): "its parser ended with \(end)"
        }
      throw BuilderError(.syntax, "\(path) cannot be parsed by \(interpreter.runtime): \(why)")
    }
    let verdict: Verdict?
    do { verdict = try JSONDecoder().decode(Verdict?.self, from: Data(run.output)) } catch {
      throw BuilderError(.syntax, "\(path) cannot be parsed by \(interpreter.runtime): its parser gave no verdict")
    }
    guard let verdict else { return }
    let place = verdict.line.map { "\(path), line \($0)" } ?? path
    throw BuilderError(.syntax, "\(place): \(verdict.message) (\(interpreter.runtime))")
  }
}
