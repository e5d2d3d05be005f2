internal import CLinux
internal import Glibc

/// A port on loopback for a server that a test starts.
package enum FreePort {
  /// A port below the kernel's own range, so that no outgoing connection takes it meanwhile; free now, as are those at the
  /// given distances above it.
  package static func pick(andAbove distances: [UInt16] = []) -> UInt16 {
    while true {
      let port = UInt16.random(in: 10_000..<32_000)
      if ([0] + distances).allSatisfy({ isFree(port + $0) }) { return port }
    }
  }

  /// Whether nobody listens on a port.
  package static func isFree(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = LoopbackAddress.of(port)
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, LoopbackAddress.size)
      }
    } == 0
  }
}

/// `127.0.0.1` and a port, as the socket calls want it.
enum LoopbackAddress {
  static let size = socklen_t(MemoryLayout<sockaddr_in>.size)

  static func of(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }
}
