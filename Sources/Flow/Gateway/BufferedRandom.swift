internal import Security

/// Unpredictable numbers of libcrypto, drawn many at a time: one invocation needs several.
struct BufferedRandom: RandomNumberGenerator {
  private var numbers: [UInt64] = []

  mutating func next() -> UInt64 {
    if let number = numbers.popLast() { return number }
    let bytes = SecureRandom.bytes(4096)
    numbers = stride(from: 0, to: bytes.count, by: 8).map { start in
      bytes[start..<(start + 8)].reduce(0) { $0 << 8 | UInt64($1) }
    }
    return numbers.removeLast()
  }
}
