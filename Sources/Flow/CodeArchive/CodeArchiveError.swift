/// Why an archive is refused. Always its maker's fault, but for `storage`.
package struct CodeArchiveError: Error, CustomStringConvertible, Equatable {
  /// Which rule is broken.
  package struct Code: Hashable, Sendable {
    /// Its name in answers.
    package let name: String
    /// It is no zip archive, or its end is missing.
    package static let notAnArchive = Code(name: "not_an_archive")
    /// An entry's name would lead out of the package, or is none that every system can hold.
    package static let unsafePath = Code(name: "unsafe_path")
    /// An entry is neither a regular file nor a directory.
    package static let unsafeKind = Code(name: "unsafe_kind")
    /// The archive, or what it unpacks to, is larger than allowed.
    package static let tooLarge = Code(name: "too_large")
    /// There are more entries than allowed.
    package static let tooManyEntries = Code(name: "too_many_entries")
    /// An entry unpacks to more times its size than code does.
    package static let bomb = Code(name: "bomb")
    /// Two entries have the same name, or names that differ by case alone, or one is a file where another needs a directory.
    package static let collision = Code(name: "collision")
    /// The archive says different things of an entry in different places, or its entries overlap.
    package static let inconsistent = Code(name: "inconsistent")
    /// It is encrypted, split, of the zip64 form, or compressed by a method other than deflate.
    package static let unsupported = Code(name: "unsupported")
    /// An entry's bytes cannot be unpacked, or do not have its checksum.
    package static let damaged = Code(name: "damaged")
    /// The disk refused. Retry.
    package static let storage = Code(name: "storage")
  }

  /// Which rule.
  package let code: Code
  /// What is wrong, naming the entry; safe to show a customer.
  package let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
