/// Names of the code store's metrics.
enum CodeStoreSignals {
  static let storedBytes = "code.stored.bytes"
  static let fetchedBytes = "code.fetched.bytes"
}
