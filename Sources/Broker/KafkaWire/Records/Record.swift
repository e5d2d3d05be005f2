/// One record of a batch. What it carries shares the batch's storage.
package struct Record: Equatable, Sendable {
  /// A name and a value that stand beside the record's own value.
  package struct Header: Equatable, Sendable {
    /// The name, which is UTF-8.
    package var name: ArraySlice<UInt8>
    /// The value; nil is null.
    package var value: ArraySlice<UInt8>?

    package init(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>?) {
      self.name = name
      self.value = value
    }
  }

  /// The offset in the partition.
  package var offset: Int64
  /// When, in milliseconds since 1970.
  package var timestamp: Int64
  /// What the record is about; nil is null.
  package var key: ArraySlice<UInt8>?
  /// What the record says; nil is null, which in a compacted topic erases the key.
  package var value: ArraySlice<UInt8>?
  /// In order; names may repeat.
  package var headers: [Header]

  package init(
    offset: Int64, timestamp: Int64, key: ArraySlice<UInt8>?, value: ArraySlice<UInt8>?, headers: [Header] = []
  ) {
    self.offset = offset
    self.timestamp = timestamp
    self.key = key
    self.value = value
    self.headers = headers
  }
}
