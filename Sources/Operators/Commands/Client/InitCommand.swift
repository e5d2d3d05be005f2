internal import FoundationEssentials
internal import MillraceDomain
internal import PythonSandbox

/// `init`.
enum InitCommand {
  static func run(_ path: String, _ console: Console) throws(CommandFailure) -> Int32 {
    let folder = path.last == "/" ? String(path.dropLast()) : path
    let name: FunctionName
    do throws(DomainError) {
      name = try FunctionName(folder.split(separator: "/").last ?? "")
    } catch {
      throw CommandFailure(.usage, error.message)
    }
    for file in ["millrace.yaml", "app.py"] where FileManager.default.fileExists(atPath: "\(folder)/\(file)") {
      throw CommandFailure(.refused, "\(folder)/\(file) is there already, and stays as it is")
    }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw PrivateFile.failure("cannot make", folder)
    }
    let runtime = runtime(among: PythonInterpreter.installedRuntimes())
    try PrivateFile.write(Array(settings(name, runtime).utf8), to: "\(folder)/millrace.yaml", mode: 0o644)
    try PrivateFile.write(Array(code.utf8), to: "\(folder)/app.py", mode: 0o644)
    console.note("wrote \(folder)/millrace.yaml and \(folder)/app.py")
    console.note("next: millrace deploy \(folder)")
    return 0
  }

  /// The runtime of a new function: the usual one, or the newest of this host where that is not here. A host without any
  /// deploys to another.
  static func runtime(among installed: [String]) -> String {
    let usual = "python3.11"
    return installed.contains(usual) ? usual : installed.last ?? usual
  }

  private static func settings(_ name: FunctionName, _ runtime: String) -> String {
    """
    name: \(name)
    handler: app.handler
    runtime: \(runtime)
    memory: 128
    timeout: 3
    # environment:
    #   GREETING: hello
    # concurrency: 10

    """
  }

  private static let code = """
    def handler(event, context):
        name = event.get("name", "world")
        print("greeting", name)
        return {"message": f"Hello, {name}!", "version": context.function_version}

    """
}
