/// Where the project is whose tests run: documents, scripts and the built program are held to the code from there.
package enum ProjectFolder {
  /// Its path, four above this file.
  package static let path =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
}
