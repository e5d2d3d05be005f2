internal import MillraceDomain

/// What a submission must be to become a version. Pure.
enum BuilderRules {
  /// Where the handler's module may be, the likeliest first: `pkg/mod.handler` and `pkg.mod.handler` are looked for as
  /// `pkg/mod.py`, then `pkg/mod/__init__.py`.
  static func modulePaths(of handler: HandlerName) -> [String] {
    let text = handler.text
    guard let dot = text.lastIndex(of: ".") else { preconditionFailure("a handler names module and function") }
    let module = String(text[..<dot].map { $0 == "." ? "/" : $0 })
    return ["\(module).py", "\(module)/__init__.py"]
  }

  /// The file of the handler's module among those of a package.
  ///
  /// - Throws: ``BuilderError`` with `missingHandler`, `dependencies` or `empty`.
  static func handlerPath(of handler: HandlerName, in paths: [String]) throws(BuilderError) -> String {
    guard !paths.isEmpty else { throw BuilderError(.empty, "the package has no files") }
    guard !paths.contains("requirements.txt") else {
      throw BuilderError(
        .dependencies,
        "requirements.txt is not supported yet: put the packages you need into the archive, and leave the file out")
    }
    let wanted = modulePaths(of: handler)
    if let found = wanted.first(where: paths.contains) { return found }
    let module = wanted[0].split(separator: "/").last ?? ""
    let nested = paths.filter { $0.hasSuffix("/\(module)") }.min()
    let hint = nested.map { "; there is \($0): archive the contents of the folder, not the folder" } ?? ""
    throw BuilderError(
      .missingHandler, "the handler \(handler) needs \(wanted[0]), and the package does not have it\(hint)")
  }

  /// The interpreter's runtime among those there are.
  ///
  /// - Throws: ``BuilderError`` with `unknownRuntime`, naming those that exist.
  static func checkRuntime(_ runtime: RuntimeName, among known: [String]) throws(BuilderError) {
    guard !known.contains(runtime.text) else { return }
    let list = known.isEmpty ? "none was found on this host" : "there are \(known.joined(separator: ", "))"
    throw BuilderError(.unknownRuntime, "there is no runtime \(runtime): \(list)")
  }

  /// What becomes of a submission, given its deployment as the controller has it.
  enum Course: Hashable {
    case build
    /// It was built, or failed, before: the submission is a repeat.
    case skip
  }

  /// Decides whether there is anything to build.
  static func course(of deployment: CatalogueDeployment) -> Course {
    switch deployment.state {
    case .pending, .building: .build
    case .active, .failed: .skip
    }
  }

  /// The pause before an attempt is repeated: doubling from 100 ms to 5 s.
  static func retryPause(afterAttempts attempts: Int) -> Duration {
    .milliseconds(min(5_000, 100 << min(attempts, 6)))
  }
}
