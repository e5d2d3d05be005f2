internal import CodeArchive
internal import LogContracts
internal import MillraceDomain

/// Makes the package of a version from what was uploaded. Takes as long as unpacking does: not on a loop.
struct PackageMaker: Sendable {
  /// A package: a zip archive of our form, and the handler's file out of it.
  struct Package: Sendable {
    let bytes: [UInt8]
    let handlerPath: String
    let handlerSource: [UInt8]
  }

  let handler: HandlerName
  let archive: SubmissionRecord.Archive

  /// - Throws: ``BuilderError``: the upload is refused.
  func package(from upload: [UInt8]) throws(BuilderError) -> Package {
    switch archive {
    case .python: try packageOfFile(upload)
    case .zip: try packageOfZip(upload)
    }
  }

  private func packageOfFile(_ source: [UInt8]) throws(BuilderError) -> Package {
    let path = BuilderRules.modulePaths(of: handler)[0]
    try checkSize(source.count, of: path)
    var writer = ZipWriter()
    writer.add(path, source)
    return Package(bytes: writer.finished(), handlerPath: path, handlerSource: source)
  }

  private func packageOfZip(_ upload: [UInt8]) throws(BuilderError) -> Package {
    let archive = try PackageMaker.checked { () throws(CodeArchiveError) in try CodeArchive(upload) }
    let files = archive.entries.filter { $0.kind != .directory }
    let path = try BuilderRules.handlerPath(of: handler, in: files.map(\.path))
    guard let entry = archive.entry(path) else { preconditionFailure("the path is one of the archive's") }
    try checkSize(entry.byteCount, of: path)
    return try PackageMaker.checked { () throws(CodeArchiveError) in
      try archive.verify()
      var writer = ZipWriter()
      writer.add(archive)
      return Package(
        bytes: writer.finished(), handlerPath: path,
        handlerSource: try archive.contents(of: entry, limit: BuilderLimits.sourceByteCount))
    }
  }

  private func checkSize(_ byteCount: Int, of path: String) throws(BuilderError) {
    guard byteCount <= BuilderLimits.sourceByteCount else {
      throw BuilderError(
        .tooLarge, "\(path) has \(byteCount) bytes; the handler's file may have \(BuilderLimits.sourceByteCount)")
    }
  }

  private static func checked<Value>(_ body: () throws(CodeArchiveError) -> Value) throws(BuilderError) -> Value {
    do throws(CodeArchiveError) { return try body() } catch {
      throw BuilderError(.badArchive, "the archive is refused: \(error.message)")
    }
  }
}
