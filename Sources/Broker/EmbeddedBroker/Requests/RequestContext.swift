package import EventLoop

/// What a handler knows of a request beside its body.
package struct RequestContext: Sendable {
  /// The loop of the connection: the handler is called on it, and replies on it.
  package let loop: EventLoop
  /// The version of the API.
  package let version: Int16
  /// What the client calls itself.
  package let clientID: String
  /// Where the client is.
  package let clientHost: String

  package init(loop: EventLoop, version: Int16, clientID: String, clientHost: String) {
    self.loop = loop
    self.version = version
    self.clientID = clientID
    self.clientHost = clientHost
  }
}
