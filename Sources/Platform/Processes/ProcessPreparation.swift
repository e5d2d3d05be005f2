/// What a child process does to itself between fork and execution, in C: namespaces of its own and a function.
///
/// `@safe`: the context is only handed to the function, during the start; whoever makes this keeps it alive until then.
@safe package struct ProcessPreparation {
  /// Called in the child, which shares this process's memory while this thread waits: it makes system calls and touches only
  /// its stack and the context. Answers 0, or an `errno` and the step that failed.
  package typealias Function =
    @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<UnsafePointer<CChar>?>?) -> Int32

  let namespaces: UInt64
  let function: Function
  let context: UnsafeMutableRawPointer

  /// A preparation in the namespaces that the `CLONE_NEW…` flags name.
  package init(namespaces: UInt64, function: Function, context: UnsafeMutableRawPointer) {
    self.namespaces = namespaces
    unsafe self.function = function
    unsafe self.context = context
  }
}
