/// A field that names itself by number, so that whoever does not know it can pass over it (KIP-482).
package struct TaggedField: Equatable, Sendable {
  /// Its number within the structure; numbers rise.
  package var tag: UInt32
  /// Its content, undecoded.
  package var content: ArraySlice<UInt8>

  package init(tag: UInt32, content: ArraySlice<UInt8>) {
    self.tag = tag
    self.content = content
  }
}
