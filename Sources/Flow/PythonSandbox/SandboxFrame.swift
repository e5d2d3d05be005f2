/// The frames between executor and sandbox: u32 length of the payload, u8 type, payload; little-endian. `runtime.py` has the
/// table.
enum SandboxFrame {
  static let headerBytes = 5

  /// What comes from a sandbox.
  enum Kind: UInt8 {
    case isolated = 15
    case ready = 16
    case response = 17
    case functionError = 18
    case responseTooLarge = 19
    case initFailed = 20
    /// Written by the C half when a step of the isolation fails.
    case isolationFailed = 0x7f

    /// The longest payload that the protocol allows; a longer one is a breach of it.
    func payloadLimit(responseLimitBytes: Int) -> Int {
      switch self {
      case .isolated, .ready: 0
      case .response: responseLimitBytes + 4
      case .functionError, .initFailed: 512 << 10
      case .responseTooLarge: 12
      case .isolationFailed: 1024
      }
    }
  }

  static func configure(_ document: [UInt8]) -> [UInt8] {
    var frame = header(1, payloadBytes: document.count)
    frame.append(contentsOf: document)
    return frame
  }

  /// The frame without the event, which follows it.
  static func invoke(number: UInt32, _ request: SandboxRequest) -> [UInt8] {
    let id = request.invocationID.utf8.prefix(1024)
    let trace = request.traceHeader.utf8.prefix(1024)
    let client = request.clientContext.count <= 16384 ? request.clientContext : []
    let fixed = 12 + id.count + trace.count + client.count
    var frame = header(2, payloadBytes: fixed + request.event.count)
    append(number, to: &frame)
    append(UInt16(id.count), to: &frame)
    append(UInt16(trace.count), to: &frame)
    append(UInt32(client.count), to: &frame)
    frame.append(contentsOf: id)
    frame.append(contentsOf: trace)
    frame.append(contentsOf: client)
    return frame
  }

  /// The error in a payload; nil where its lengths do not add up.
  static func functionError(_ payload: ArraySlice<UInt8>) -> FunctionError? {
    var start = payload.startIndex + 14
    guard payload.count >= 14 else { return nil }
    let typeBytes = Int(integer(payload.dropFirst(4).prefix(2)))
    let messageBytes = Int(integer(payload.dropFirst(6).prefix(4)))
    let traceBytes = Int(integer(payload.dropFirst(10).prefix(4)))
    guard 14 + typeBytes + messageBytes + traceBytes == payload.count else { return nil }
    let type = String(decoding: payload[start..<start + typeBytes], as: UTF8.self)
    start += typeBytes
    let message = String(decoding: payload[start..<start + messageBytes], as: UTF8.self)
    start += messageBytes
    let lines = payload[start...].split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    return FunctionError(type: type, message: message, stackTrace: lines)
  }

  /// A little-endian number of up to eight bytes.
  static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func header(_ type: UInt8, payloadBytes: Int) -> [UInt8] {
    var frame: [UInt8] = []
    frame.reserveCapacity(headerBytes + min(payloadBytes, 4096))
    append(UInt32(payloadBytes), to: &frame)
    frame.append(type)
    return frame
  }

  private static func append(_ value: some FixedWidthInteger, to frame: inout [UInt8]) {
    var rest = value
    for _ in 0..<(value.bitWidth / 8) {
      frame.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }
}
