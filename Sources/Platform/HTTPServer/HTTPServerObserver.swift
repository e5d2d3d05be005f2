/// Who counts what a server does. Called on the loop; the labels it is given are bounded in number.
package protocol HTTPServerObserver: AnyObject {
  /// A connection was accepted.
  func connectionOpened()
  /// A connection was closed.
  func connectionClosed()
  /// A request was answered: its method, its route's pattern, the status, the bytes of both bodies, and the time from the
  /// whole request to the answer.
  func answered(
    _ method: HTTPMethod, pattern: String, status: Int, requestBytes: Int, responseBytes: Int, after: Duration)
  /// A request was refused before a handler saw it.
  func refused(_ code: HTTPRefusal.Code)
}
