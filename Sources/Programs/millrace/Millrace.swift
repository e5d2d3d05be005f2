internal import CLinux
import Commands
import EventLoop
import Glibc

/// The program: the command line, and every role of the platform.
@main enum Millrace {
  static func main() {
    // OpenSSL and libpq write without MSG_NOSIGNAL.
    signal(SIGPIPE, SIG_IGN)
    var environment: [String: String] = [:]
    var variable = environ
    while let text = variable.pointee {
      let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { environment[String(parts[0])] = String(parts[1]) }
      variable += 1
    }
    let runner = CommandRunner(
      Array(CommandLine.arguments.dropFirst()), environment: environment, console: .process(), program: Roles.program)
    if runner.staysUntilStopped { blockStopSignals() }
    do throws(EventLoopError) {
      exit(try EventLoop.run(name: "millrace") { loop in await runner.run(on: loop) })
    } catch {
      Console.process().note("millrace: \(error)")
      exit(1)
    }
  }

  /// Before any other thread starts, for all of them inherit it: the signals are read by whoever looks after them.
  private static func blockStopSignals() {
    var stop = sigset_t()
    sigemptyset(&stop)
    sigaddset(&stop, SIGTERM)
    sigaddset(&stop, SIGINT)
    pthread_sigmask(SIG_BLOCK, &stop, nil)
  }
}
