/// Asks which transactions there are.
package struct ListTransactionsRequest: WireRequest {
  package typealias Response = ListTransactionsResponse
  package static let key = APIKey.listTransactions

  /// The states that are wanted, by Kafka's names; none is all.
  package var stateFilters: [String] = []
  /// The producers that are wanted; none is all.
  package var producerIDFilters: [Int64] = []
  /// How long they have been open at least; −1 is any time.
  package var durationFilterMilliseconds: Int64 = -1

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&stateFilters)
    try coder.field(&producerIDFilters)
    try coder.field(&durationFilterMilliseconds, since: 1)
    try coder.tags()
  }
}
