/// Where the log is and who asks: what all clients of one process share.
package struct EventLogOptions: Sendable {
  /// `host:port` of one or more brokers, separated by commas.
  package var bootstrapServers: String
  /// The name that brokers show for this client.
  package var clientID: String
  /// Settings of librdkafka, given as they are and last, so that they win: security, and the mock cluster of tests.
  package var librarySettings: [String: String]
  /// What the library has to say, at most one line each; nil drops it. The level is syslog's, 0 (worst) to 7.
  package var logged: (@Sendable (_ level: Int32, _ text: String) -> Void)?

  /// Clients of the brokers at the given addresses. Nothing is connected yet.
  package init(bootstrapServers: String, clientID: String) {
    self.bootstrapServers = bootstrapServers
    self.clientID = clientID
    librarySettings = [:]
    logged = nil
  }

  /// The settings that producers, consumers and admin clients have in common.
  var commonSettings: [(String, String)] {
    [
      ("bootstrap.servers", bootstrapServers),
      ("client.id", clientID),
      ("socket.nagle.disable", "true"),
      ("socket.keepalive.enable", "true"),
      ("reconnect.backoff.ms", "50"),
      ("reconnect.backoff.max.ms", "1000"),
      ("topic.metadata.refresh.fast.interval.ms", "100"),
      // Where a partition has no leader the library asks again after 0.1, 0.2, 0.4 s … until this interval: it is how late a
      // broker that came back is noticed.
      ("topic.metadata.refresh.interval.ms", "1000"),
      ("topic.metadata.propagation.max.ms", "5000"),
      ("log.connection.close", "false"),
      ("log.queue", "true"),
    ]
  }
}
