/// Where a stream leads to or a listener listens.
package enum StreamAddress: Hashable, Sendable, CustomStringConvertible {
  /// An IPv4 or IPv6 address in numbers, or `localhost` (which is 127.0.0.1: names are not resolved here, because that
  /// blocks), and a port; port 0 lets the system choose one.
  case tcp(host: String, port: UInt16)
  /// A Unix socket by its path.
  case unix(path: String)

  /// Reads `HOST:PORT`, `[IPv6]:PORT`, `:PORT` (loopback) or `unix:PATH`; nil where it is none of them.
  package init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      guard !path.isEmpty else { return nil }
      self = .unix(path: path)
      return
    }
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("[") {
      guard host.hasSuffix("]") else { return nil }
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    self = .tcp(host: host.isEmpty ? "127.0.0.1" : String(host), port: port)
  }

  package var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }

  /// Whether only this machine can reach it: a Unix socket, 127.0.0.0/8, ::1 or `localhost`.
  package var isLoopback: Bool {
    switch self {
    case .tcp(let host, _): host == "localhost" || host == "::1" || host.hasPrefix("127.")
    case .unix: true
    }
  }
}
