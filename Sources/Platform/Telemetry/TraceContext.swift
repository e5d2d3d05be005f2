/// Where in a trace something happens, as in the W3C Trace Context header `traceparent`.
package struct TraceContext: Hashable, Sendable {
  /// The upper half of the trace's id; both halves are never zero together.
  package let traceHigh: UInt64
  /// The lower half of the trace's id.
  package let traceLow: UInt64
  /// The span's id, never zero.
  package let span: UInt64
  /// The flags; bit 0 says that the caller may have recorded the trace.
  package let flags: UInt8

  /// A new trace; its ids come from the generator.
  package static func root(using generator: inout some RandomNumberGenerator) -> TraceContext {
    TraceContext(
      traceHigh: generator.next(), traceLow: nonZero(&generator), span: nonZero(&generator), flags: 1)
  }

  /// A new span of the same trace.
  package func child(using generator: inout some RandomNumberGenerator) -> TraceContext {
    TraceContext(traceHigh: traceHigh, traceLow: traceLow, span: TraceContext.nonZero(&generator), flags: flags)
  }

  private static func nonZero(_ generator: inout some RandomNumberGenerator) -> UInt64 {
    generator.next(upperBound: UInt64.max) + 1
  }

  private init(traceHigh: UInt64, traceLow: UInt64, span: UInt64, flags: UInt8) {
    self.traceHigh = traceHigh
    self.traceLow = traceLow
    self.span = span
    self.flags = flags
  }

  /// Reads a header; nil where it is not valid (Trace Context section 3.2). Versions above 00 are read as far as 00 goes.
  package init?(traceparent: String) {
    let bytes = Array(traceparent.utf8)
    guard bytes.count >= 55, let version = TraceContext.number(bytes[0..<2]), version != 0xff,
      bytes[2] == 0x2d, bytes[35] == 0x2d, bytes[52] == 0x2d,
      version == 0 ? bytes.count == 55 : bytes.count == 55 || bytes[55] == 0x2d,
      let high = TraceContext.number(bytes[3..<19]), let low = TraceContext.number(bytes[19..<35]),
      let span = TraceContext.number(bytes[36..<52]), let flags = TraceContext.number(bytes[53..<55]),
      high | low != 0, span != 0
    else { return nil }
    self.init(traceHigh: high, traceLow: low, span: span, flags: UInt8(flags))
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for digit in digits {
      switch digit {
      case 0x30...0x39: value = value << 4 | UInt64(digit - 0x30)
      case 0x61...0x66: value = value << 4 | UInt64(digit - 0x61 + 10)
      default: return nil
      }
    }
    return value
  }

  /// The trace's id: 32 lowercase hexadecimal digits.
  package var traceID: String { TraceContext.hex(traceHigh, 16) + TraceContext.hex(traceLow, 16) }

  /// The header's value, version 00.
  package var traceparent: String {
    "00-\(traceID)-\(TraceContext.hex(span, 16))-\(TraceContext.hex(UInt64(flags), 2))"
  }

  private static func hex(_ value: UInt64, _ width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: width - digits.count) + digits
  }
}
