/// Asks for the state of transactions.
package struct DescribeTransactionsRequest: WireRequest {
  package typealias Response = DescribeTransactionsResponse
  package static let key = APIKey.describeTransactions

  /// Their producers, by the names that they keep over restarts.
  package var transactionalIDs: [String] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&transactionalIDs)
    try coder.tags()
  }
}
