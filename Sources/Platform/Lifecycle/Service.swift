/// Something that runs until it is told to stop.
package protocol Service: AnyObject, Sendable {
  /// The name in log lines.
  var serviceName: String { get }

  /// Runs on the group's loop. Calls `started` once it does what others rely on; the next service is started then.
  /// Cancellation means drain: stop taking work, finish what was taken, return. Returning without being cancelled, or
  /// throwing, stops the whole group.
  func run(started: @escaping @Sendable () -> Void) async throws
}
