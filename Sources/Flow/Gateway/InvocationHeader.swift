/// Fields that the gateway's answers about invocations have.
enum InvocationHeader {
  static let id = "Millrace-Invocation-Id"
  static let functionVersion = "Millrace-Function-Version"
  static let functionError = "Millrace-Function-Error"
}
