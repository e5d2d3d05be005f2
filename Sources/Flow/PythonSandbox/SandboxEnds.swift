internal import CLinux
internal import CSandbox
internal import EventLoop
internal import Glibc

/// The descriptors between an executor and a new sandbox, until each side has its own.
struct SandboxEnds {
  typealias Pair = (ours: Int32, inside: Int32)

  let channel: Pair
  let output: Pair
  /// The detached mount of the function's code.
  let code: Int32

  /// Opens all of them or none.
  init(codeDirectory: String) throws(SandboxError) {
    var failure = unsafe csandbox_failure()
    code = unsafe csandbox_code_mount(codeDirectory, &failure)
    guard code >= 0 else {
      let step = unsafe failure.step.map { unsafe String(cString: $0) } ?? "mount"
      throw SandboxError(.invalidSpecification, "\(codeDirectory): \(step): \(KernelFile.text(unsafe failure.number))")
    }
    var socket: [Int32] = [-1, -1]
    guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &socket) == 0 else {
      let number = errno
      close(code)
      throw SandboxError(.exhausted, "socketpair: \(KernelFile.text(number))")
    }
    channel = (socket[0], socket[1])
    var pipe: [Int32] = [-1, -1]
    guard unsafe pipe2(&pipe, O_CLOEXEC) == 0 else {
      let number = errno
      for descriptor in [code] + socket { close(descriptor) }
      throw SandboxError(.exhausted, "pipe2: \(KernelFile.text(number))")
    }
    output = (pipe[0], pipe[1])
    // Only our end does not block: each end is an open file of its own.
    _ = fcntl(output.ours, F_SETFL, O_NONBLOCK)
  }

  /// Our ends, watched. Closes everything where that fails.
  func watch(_ options: SandboxOptions, on loop: EventLoop) throws(SandboxError) -> (SandboxChannel, SandboxOutput) {
    do {
      let sandboxChannel = try SandboxChannel(channel.ours, responseLimitBytes: options.responseLimitBytes, on: loop)
      do {
        return (sandboxChannel, try SandboxOutput(output.ours, limitBytes: options.outputLimitBytes, on: loop))
      } catch {
        sandboxChannel.close()
        close(output.ours)
        throw error
      }
    } catch {
      for descriptor in [channel.inside, output.inside, code] { close(descriptor) }
      throw SandboxError(.exhausted, "\(error)")
    }
  }
}
