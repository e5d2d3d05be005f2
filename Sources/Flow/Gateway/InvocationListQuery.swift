internal import MillraceDomain

/// What a list of invocations is asked for: `function`, `status`, `since`, `cursor`, `limit`. Pure.
enum InvocationListQuery {
  /// - Throws: `invalidQuery`, naming the parameter.
  static func filter(_ query: (String) -> String?) throws(GatewayError) -> InvocationQueries.Filter {
    var filter = InvocationQueries.Filter(count: GatewayLimits.pageSize)
    filter.function = try query("function").map { text throws(GatewayError) in
      do throws(DomainError) { return try FunctionName(text).text } catch {
        throw GatewayError(.invalidQuery, "function: \(error.message)")
      }
    }
    if let status = query("status") {
      guard InvocationStatus(rawValue: status) != nil else {
        let known = InvocationStatus.allCases.map(\.rawValue).joined(separator: ", ")
        throw GatewayError(.invalidQuery, "status is one of \(known).")
      }
      filter.status = status
    }
    if let since = query("since") {
      guard let time = WireTime.time(since), time.milliseconds >= 0 else {
        throw GatewayError(.invalidQuery, "since is a time such as 2026-11-25T02:02:47Z.")
      }
      filter.first = UUIDv7.lowest(atMilliseconds: time.milliseconds).postgres
    }
    if let cursor = query("cursor") {
      guard let id = InvocationID(cursor) else {
        throw GatewayError(.invalidQuery, "cursor is what the page before answered.")
      }
      filter.below = id
    }
    if let limit = query("limit") {
      guard let count = Int(limit), 1...GatewayLimits.largestPage ~= count else {
        throw GatewayError(.invalidQuery, "limit is a number from 1 to \(GatewayLimits.largestPage).")
      }
      filter.count = count
    }
    return filter
  }
}
