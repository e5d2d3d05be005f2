/// Numbers in network byte order, as Kafka's files have them.
enum BigEndian {
  static func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
    unsafe withUnsafeBytes(of: number.bigEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  static func put<Number: FixedWidthInteger>(_ number: Number, at offset: Int, in bytes: inout [UInt8]) {
    unsafe withUnsafeBytes(of: number.bigEndian) { source in
      for index in 0..<source.count { bytes[offset + index] = unsafe source[index] }
    }
  }

  /// A number; the caller knows that it is there.
  static func number<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type, at offset: Int, in bytes: some Collection<UInt8>
  ) -> Number {
    var value: Number = 0
    var index = bytes.index(bytes.startIndex, offsetBy: offset)
    for _ in 0..<MemoryLayout<Number>.size {
      value = value << 8 | Number(truncatingIfNeeded: bytes[index])
      index = bytes.index(after: index)
    }
    return value
  }
}
