/// The headers of one record, in order: a name and bytes each, names may repeat.
///
/// All names and values lie in one array, so that a record costs two allocations however many headers it has.
package struct RecordHeaders: Sendable, Hashable {
  private struct Field: Hashable {
    let nameStart: UInt32
    let valueStart: UInt32
    let valueEnd: UInt32
  }

  private var bytes: [UInt8] = []
  private var fields: [Field] = []

  /// No headers.
  package init() {}

  /// The number of headers.
  package var count: Int { fields.count }
  /// Bytes of all names and values together.
  package var byteCount: Int { bytes.count }

  /// Makes room ahead for so many headers and bytes.
  package mutating func reserve(fields fieldCount: Int, bytes byteCount: Int) {
    fields.reserveCapacity(fieldCount)
    bytes.reserveCapacity(byteCount)
  }

  /// Adds a header with text.
  package mutating func append(_ name: String, _ value: String) {
    let start = bytes.count
    bytes.append(contentsOf: name.utf8)
    let valueStart = bytes.count
    bytes.append(contentsOf: value.utf8)
    close(start, valueStart)
  }

  /// Adds a header with a number in decimal.
  package mutating func append(_ name: String, _ value: Int64) { append(name, String(value)) }

  /// Adds a header with bytes.
  package mutating func append(_ name: String, bytes value: some Collection<UInt8>) {
    let start = bytes.count
    bytes.append(contentsOf: name.utf8)
    let valueStart = bytes.count
    bytes.append(contentsOf: value)
    close(start, valueStart)
  }

  private mutating func close(_ start: Int, _ valueStart: Int) {
    fields.append(Field(nameStart: UInt32(start), valueStart: UInt32(valueStart), valueEnd: UInt32(bytes.count)))
  }

  /// Adds a header by the bytes of its name and value, which are copied: what an adapter reads from its library.
  package mutating func append(nameBytes: UnsafeRawBufferPointer, valueBytes: UnsafeRawBufferPointer) {
    let start = bytes.count
    bytes.append(contentsOf: nameBytes)
    let valueStart = bytes.count
    bytes.append(contentsOf: valueBytes)
    close(start, valueStart)
  }

  /// Calls `body` with the bytes of each header's name and value, in order. They are valid during the call only.
  package func forEachField(_ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void) {
    bytes.withUnsafeBytes { all in
      for field in fields {
        body(
          UnsafeRawBufferPointer(rebasing: all[Int(field.nameStart)..<Int(field.valueStart)]),
          UnsafeRawBufferPointer(rebasing: all[Int(field.valueStart)..<Int(field.valueEnd)]))
      }
    }
  }

  /// The bytes of the last header of that name, as Kafka's own clients answer; nil where there is none.
  package func bytes(of name: String) -> ArraySlice<UInt8>? {
    var name = name
    return name.withUTF8 { wanted in
      for field in fields.reversed() where Int(field.valueStart - field.nameStart) == wanted.count {
        let start = Int(field.nameStart)
        if (0..<wanted.count).allSatisfy({ bytes[start + $0] == wanted[$0] }) {
          return bytes[Int(field.valueStart)..<Int(field.valueEnd)]
        }
      }
      return nil
    }
  }

  /// The value of the last header of that name as text; nil where there is none or its bytes are not UTF-8.
  package func text(of name: String) -> String? {
    guard let value = bytes(of: name) else { return nil }
    return String(validating: value, as: UTF8.self)
  }

  /// The value of the last header of that name as a decimal number; nil where there is none or it is not one.
  package func number(of name: String) -> Int64? {
    guard let value = bytes(of: name), !value.isEmpty, value.count <= 20 else { return nil }
    return Int64(String(decoding: value, as: UTF8.self))
  }

  /// The header at a position: its name (repaired where it is not UTF-8) and its bytes.
  package subscript(position: Int) -> (name: String, value: ArraySlice<UInt8>) {
    let field = fields[position]
    let name = bytes[Int(field.nameStart)..<Int(field.valueStart)]
    return (String(decoding: name, as: UTF8.self), bytes[Int(field.valueStart)..<Int(field.valueEnd)])
  }
}
