internal import CLinux
internal import Glibc

/// A stream's address as the kernel takes it.
/// `@safe`: the storage is a value of its own and its pointer lives for the length of one call.
@safe struct SocketAddress {
  private(set) var family: Int32
  private var storage = sockaddr_storage()
  private var length: socklen_t

  /// - Throws: `invalidAddress` where the host is no number or the path does not fit into a socket's address.
  init(_ address: StreamAddress) throws(StreamError) {
    switch address {
    case .tcp(let host, let port):
      family = host.contains(":") ? AF_INET6 : AF_INET
      length = 0
      try setTCP(host: host == "localhost" ? "127.0.0.1" : host, port: port)
    case .unix(let path):
      family = AF_UNIX
      length = 0
      try setUnix(path: path)
    }
  }

  private mutating func setTCP(host: String, port: UInt16) throws(StreamError) {
    var converted: Int32 = 0
    if family == AF_INET {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      converted = unsafe inet_pton(AF_INET, host, &address.sin_addr)
      unsafe withUnsafeMutableBytes(of: &storage) { target in
        unsafe withUnsafeBytes(of: address) { unsafe target.copyMemory(from: $0) }
      }
      length = socklen_t(MemoryLayout<sockaddr_in>.size)
    } else {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      converted = unsafe inet_pton(AF_INET6, host, &address.sin6_addr)
      unsafe withUnsafeMutableBytes(of: &storage) { target in
        unsafe withUnsafeBytes(of: address) { unsafe target.copyMemory(from: $0) }
      }
      length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    }
    guard converted == 1 else { throw StreamError(.invalidAddress, call: "the host \(host)") }
  }

  private mutating func setUnix(path: String) throws(StreamError) {
    let start = MemoryLayout<sa_family_t>.size
    let bytes = Array(path.utf8)
    guard !bytes.isEmpty, start + bytes.count < MemoryLayout<sockaddr_un>.size, !bytes.contains(0) else {
      throw StreamError(.invalidAddress, call: "the socket path \(path)")
    }
    storage.ss_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &storage) { target in
      for index in bytes.indices { unsafe target[start + index] = bytes[index] }
    }
    length = socklen_t(start + bytes.count + 1)
  }

  /// Lends the address to one system call.
  func withPointer<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
    unsafe withUnsafePointer(to: storage) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, length) }
    }
  }

  /// The port a socket is bound to; nil where it has none.
  static func boundPort(of descriptor: Int32) -> UInt16? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let answered = unsafe withUnsafeMutablePointer(to: &storage) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(descriptor, $0, &length) }
    }
    guard answered == 0 else { return nil }
    switch Int32(storage.ss_family) {
    case AF_INET, AF_INET6:
      // The port follows the family in both.
      return unsafe withUnsafeBytes(of: storage) { unsafe UInt16($0[2]) << 8 | UInt16($0[3]) }
    default:
      return nil
    }
  }

  /// The number of the host that a TCP socket is connected to; nil for others.
  static func peerHost(of descriptor: Int32) -> String? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let answered = unsafe withUnsafeMutablePointer(to: &storage) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getpeername(descriptor, $0, &length) }
    }
    guard answered == 0, [AF_INET, AF_INET6].contains(Int32(storage.ss_family)) else { return nil }
    // The number stands behind family and port, and in IPv6 behind the flow too.
    let offset = Int32(storage.ss_family) == AF_INET ? 4 : 8
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let converted = unsafe withUnsafeBytes(of: storage) { bytes in
      unsafe inet_ntop(
        Int32(storage.ss_family), bytes.baseAddress! + offset, &text, socklen_t(INET6_ADDRSTRLEN))
    }
    guard unsafe converted != nil else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
