/// The few file operations that the controller's durable state is made of, in one flat directory. All of them block: they
/// are called on a thread of a blocking pool, one at a time.
///
/// Nothing is durable before `sync` (contents) and `syncDirectory` (names) have returned; a power cut may keep any part of
/// what came after. Tests put a disk here that loses exactly that.
package protocol ControlFiles: Sendable {
  /// The names of the files there are, in no order.
  func names() throws(ControllerError) -> [String]
  /// The whole contents of a file.
  func contents(of name: String) throws(ControllerError) -> [UInt8]
  /// Makes a file, or empties it, and writes the bytes into it.
  func create(_ name: String, _ bytes: [UInt8]) throws(ControllerError)
  /// Writes the bytes at the end of an existing file.
  func append(to name: String, _ bytes: [UInt8]) throws(ControllerError)
  /// Cuts a file to its first `byteCount` bytes.
  func truncate(_ name: String, to byteCount: Int) throws(ControllerError)
  /// Makes a file's contents durable.
  func sync(_ name: String) throws(ControllerError)
  /// Gives a file another name, replacing what had it.
  func rename(_ name: String, to newName: String) throws(ControllerError)
  /// Removes a file.
  func remove(_ name: String) throws(ControllerError)
  /// Makes the directory's names durable.
  func syncDirectory() throws(ControllerError)
}

extension ControlFiles {
  /// Replaces a file as a whole: whoever reads later finds the old contents or the new, complete and durable on return.
  func replace(_ name: String, with bytes: [UInt8]) throws(ControllerError) {
    let temporary = name + ".tmp"
    try create(temporary, bytes)
    try sync(temporary)
    try rename(temporary, to: name)
    try syncDirectory()
  }
}
