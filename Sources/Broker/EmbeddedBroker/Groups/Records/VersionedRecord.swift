internal import KafkaWire

/// A key or a value of the coordinator's log: its version in two bytes, then its fields as in a message.
protocol VersionedRecord: WireStructure {}

extension VersionedRecord {
  func encoded(_ version: Int16) throws(WireError) -> [UInt8] {
    var encoder = WireEncoder(appendingTo: [], version: version, flexible: false)
    var (number, copy) = (version, self)
    try encoder.integer(&number)
    try copy.describe(&encoder)
    return encoder.finish()
  }

  static func decoded(_ fields: ArraySlice<UInt8>, version: Int16) throws(WireError) -> Self {
    var decoder = WireDecoder(fields, version: version, flexible: false)
    var record = Self()
    try record.describe(&decoder)
    return record
  }

  /// A value of a known version.
  ///
  /// - Throws: where the version is newer than ours: what it says must not be guessed.
  static func decoded(_ bytes: ArraySlice<UInt8>, newest: Int16) throws(WireError) -> Self {
    let (version, fields) = try split(bytes)
    guard (0...newest).contains(version) else {
      throw WireError(.unsupported, "a value of the coordinator's log has the version \(version)")
    }
    return try decoded(fields, version: version)
  }

  /// The version, and the fields behind it.
  static func split(_ bytes: ArraySlice<UInt8>) throws(WireError) -> (version: Int16, fields: ArraySlice<UInt8>) {
    var decoder = WireDecoder(bytes, version: 0, flexible: false)
    var version: Int16 = 0
    try decoder.integer(&version)
    return (version, decoder.remaining)
  }
}
