package import MillraceDomain

/// Decisions of the gateway. Pure: what is known goes in, what to do comes out.
package enum GatewayRules {
  // MARK: how a caller wants it

  /// Whether the caller waits for the outcome.
  package enum Mode: Hashable, Sendable {
    case waiting
    case asynchronous
  }

  /// The mode that a `Prefer` field asks for (RFC 7240): `respond-async` among its preferences, or waiting.
  package static func mode(prefer: String?) -> Mode {
    guard let prefer else { return .waiting }
    let wanted = prefer.utf8.split(separator: UInt8(ascii: ",")).contains { preference in
      let name = preference.prefix { $0 != UInt8(ascii: ";") }
      return isEqual(trimmed(name), "respond-async")
    }
    return wanted ? .asynchronous : .waiting
  }

  /// Whether the content type of an event is taken: none, `application/json`, any type with the suffix `+json`, and
  /// `application/x-www-form-urlencoded`, which curl's `--data` says unasked. The event is not read here in any case.
  package static func isEventType(_ contentType: String?) -> Bool {
    guard let contentType else { return true }
    let type = trimmed(contentType.utf8.prefix { $0 != UInt8(ascii: ";") }).map { $0 &- 65 < 26 ? $0 | 32 : $0 }
    if type.isEmpty || type.elementsEqual("application/json".utf8) { return true }
    if type.elementsEqual("application/x-www-form-urlencoded".utf8) { return true }
    guard let slash = type.firstIndex(of: UInt8(ascii: "/")), slash > 0 else { return false }
    let suffix = Array("+json".utf8)
    return type.count > slash + 1 + suffix.count && type.suffix(suffix.count).elementsEqual(suffix)
  }

  private static func trimmed<Text: BidirectionalCollection<UInt8>>(_ text: Text) -> [UInt8] {
    let start = text.drop { $0 == 32 || $0 == 9 }
    return start.reversed().drop { $0 == 32 || $0 == 9 }.reversed()
  }

  private static func isEqual(_ text: [UInt8], _ lowercase: String) -> Bool {
    text.map { $0 &- 65 < 26 ? $0 | 32 : $0 }.elementsEqual(lowercase.utf8)
  }

  // MARK: whether it is taken

  /// Why an event of that size is not taken now; nil where it is.
  package static func refusal(_ mode: Mode, eventBytes: Int, waitingCalls: Int) -> GatewayError? {
    switch mode {
    case .waiting:
      if eventBytes > GatewayLimits.waitingEventBytes { return tooLarge(GatewayLimits.waitingEventBytes) }
      guard waitingCalls < GatewayLimits.waitingCalls else {
        return GatewayError(
          .tooManyWaiting,
          "\(waitingCalls) calls wait already; try again, or send Prefer: respond-async, which is not limited")
      }
      return nil
    case .asynchronous:
      return eventBytes > GatewayLimits.asyncEventBytes ? tooLarge(GatewayLimits.asyncEventBytes) : nil
    }
  }

  private static func tooLarge(_ limit: Int) -> GatewayError {
    GatewayError(.contentTooLarge, "The event is larger than \(limit) bytes.")
  }

  // MARK: where it goes

  /// The partition where a function's waiting calls begin: the same for every gateway, so that its sandboxes stay warm.
  package static func homePartition(of function: FunctionName, in namespace: NamespaceName, of partitions: Int32)
    -> Int32
  {
    stablePartition("\(namespace)/\(function)", of: partitions)
  }

  /// The partition of a waiting call: the home while few are under way, then the next ones, one more for each
  /// ``GatewayLimits/waitingCallsPerPartition`` calls of the function that this gateway has under way.
  package static func waitingPartition(home: Int32, underWay: Int, of partitions: Int32) -> Int32 {
    precondition(underWay >= 0 && partitions > 0)
    let step = underWay / GatewayLimits.waitingCallsPerPartition % Int(partitions)
    return (home + Int32(step)) % partitions
  }

  /// The partition of an asynchronous call: spread evenly by the random bits of its id.
  package static func asynchronousPartition(of invocation: InvocationID, of partitions: Int32) -> Int32 {
    precondition(partitions > 0)
    return Int32(invocation.uuid.low % UInt64(partitions))
  }

  /// Whether every partition of `tasks` has an executor: what goes to one without waits for as long as that takes.
  package static func areCovered(_ partitions: Int32, by owned: some Sequence<[Int32]>) -> Bool {
    var missing = Set(0..<partitions)
    for one in owned { missing.subtract(one) }
    return missing.isEmpty
  }

  /// The partition of `replies` that a gateway reads.
  package static func repliesPartition(of gateway: ComponentID, of partitions: Int32) -> Int32 {
    stablePartition(gateway.text, of: partitions)
  }

  /// A partition by FNV-1a (64 bits, folded): the same in every process, unlike `Hashable`.
  private static func stablePartition(_ text: String, of partitions: Int32) -> Int32 {
    precondition(partitions > 0)
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int32((hash >> 32 ^ hash) % UInt64(partitions))
  }

  // MARK: how long, and what is answered

  /// How long a call waits: the function's timeout and a margin, within the gateway's bound.
  package static func waitLimit(timeoutSeconds: Int32, bound: Duration) -> Duration {
    min(bound, .seconds(Int64(timeoutSeconds)) + GatewayLimits.waitMargin)
  }

  /// How an invocation's outcome is told to whoever asks for its result.
  package enum Telling: Hashable, Sendable {
    /// 200 with the function's answer.
    case answer
    /// 200 with the function's error, and this in `Millrace-Function-Error`.
    case functionError(String)
    /// 409: it was not run, or not to its end, and it was not the function's doing.
    case notRun
    /// 409: there is no outcome yet.
    case notYet
  }

  /// How an outcome is told.
  package static func telling(_ status: InvocationStatus, errorType: String?) -> Telling {
    switch status {
    case .accepted, .running: .notYet
    case .succeeded: .answer
    case .failed, .timedOut, .outOfMemory: .functionError(String((errorType ?? status.rawValue).prefix(200)))
    case .cancelled, .expired, .dead: .notRun
    }
  }
}
