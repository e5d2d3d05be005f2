/// One invocation for a sandbox.
package struct SandboxRequest: Sendable {
  /// `context.aws_request_id`; at most 1 KiB of UTF-8.
  package var invocationID: String
  /// The event as JSON, passed on unparsed.
  package var event: [UInt8]
  /// `_X_AMZN_TRACE_ID` while it runs; at most 1 KiB.
  package var traceHeader: String
  /// JSON of `context.client_context`; empty is None. At most 16 KiB.
  package var clientContext: [UInt8]

  /// An invocation with its event.
  package init(invocationID: String, event: [UInt8], traceHeader: String = "", clientContext: [UInt8] = []) {
    self.invocationID = invocationID
    self.event = event
    self.traceHeader = traceHeader
    self.clientContext = clientContext
  }
}
