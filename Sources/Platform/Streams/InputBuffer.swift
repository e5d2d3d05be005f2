/// Bytes that were read and not yet consumed. Usually empty: bytes are shown to the delegate where the kernel put them,
/// and only what it leaves comes here.
struct InputBuffer {
  private var bytes: [UInt8] = []
  private var start = 0

  var count: Int { bytes.count - start }
  var isEmpty: Bool { count == 0 }

  mutating func append(_ more: Span<UInt8>) {
    if start > 0 {
      bytes.removeSubrange(..<start)
      start = 0
    }
    unsafe more.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
  }

  /// The bytes and where the unconsumed ones start. The array shares its storage: release it before the buffer changes.
  var content: (bytes: [UInt8], start: Int) { (bytes, start) }

  mutating func consume(_ count: Int) {
    start += count
    guard start == bytes.count else { return }
    start = 0
    bytes.removeAll(keepingCapacity: bytes.capacity <= StreamLimits.retainedBufferBytes)
  }
}
