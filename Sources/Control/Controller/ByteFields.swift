/// Fixed-width little-endian numbers in byte arrays: the encoding of every field of the controller's files.
extension [UInt8] {
  mutating func appendNumber(_ number: some FixedWidthInteger) {
    for shift in stride(from: 0, to: number.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: number >> shift)) }
  }

  /// The number whose first byte is at the offset. The bytes must be there.
  func number<Number: FixedWidthInteger>(at offset: Int, as _: Number.Type) -> Number {
    var number: Number = 0
    for index in stride(from: Number.bitWidth / 8 - 1, through: 0, by: -1) {
      number = number << 8 | Number(truncatingIfNeeded: self[offset + index])
    }
    return number
  }
}
