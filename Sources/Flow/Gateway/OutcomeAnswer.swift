internal import HTTPServer
internal import LogContracts
internal import MillraceDomain

/// How an outcome is answered: the same to the caller that waited and to whoever asks for the result later.
enum OutcomeAnswer {
  static func response(_ outcome: AttemptOutcome) -> HTTPResponse {
    response(
      outcome.invocation, outcome.status, version: outcome.version, errorType: outcome.errorType,
      errorMessage: outcome.errorMessage, payload: outcome.payload)
  }

  static func response(
    _ invocation: InvocationID, _ status: InvocationStatus, version: VersionNumber?, errorType: String?,
    errorMessage: String?, payload: [UInt8]
  ) -> HTTPResponse {
    switch GatewayRules.telling(status, errorType: errorType) {
    case .answer: answer(invocation, version, payload, functionError: nil)
    case .functionError(let name): answer(invocation, version, payload, functionError: name)
    case .notRun:
      GatewayError(
        .notRun, errorMessage ?? "The invocation is \(status.rawValue).", invocation: invocation, state: status.rawValue
      ).response
    case .notYet:
      GatewayError(
        .noResultYet, "The invocation is \(status.rawValue); ask again.", invocation: invocation, state: status.rawValue
      ).response
    }
  }

  private static func answer(
    _ invocation: InvocationID, _ version: VersionNumber?, _ payload: [UInt8], functionError: String?
  ) -> HTTPResponse {
    var fields = [
      (name: "Content-Type", value: "application/json"), (name: InvocationHeader.id, value: invocation.description),
    ]
    if let version { fields.append((InvocationHeader.functionVersion, version.description)) }
    if let functionError { fields.append((InvocationHeader.functionError, functionError)) }
    return HTTPResponse(status: 200, fields: fields, body: payload)
  }
}
