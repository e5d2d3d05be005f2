import FoundationEssentials
import LogContracts
import LogRecords
import MillraceDomain

/// A golden sample: a record as `topics/samples/<topic>/v<version>/<name>.json` shows it.
struct SampleRecord: Codable, Equatable {
  /// Bytes as text where they are that, else in base64.
  struct Content: Codable, Equatable {
    var text: String?
    var base64: String?

    init(_ bytes: some Collection<UInt8>) {
      text = String(validating: bytes, as: UTF8.self)
      base64 = text == nil ? Data(bytes).base64EncodedString() : nil
    }

    var bytes: [UInt8] { text.map { Array($0.utf8) } ?? Data(base64Encoded: base64 ?? "").map { Array($0) } ?? [] }
  }

  struct Header: Codable, Equatable {
    var name: String
    var text: String?
    var base64: String?
  }

  var topic: String
  /// Whether Millrace itself writes the record so; other programs may leave out what has a default.
  var isCanonical: Bool
  var partition: Int32
  var offset: Int64
  var timestampMilliseconds: Int64
  var key: Content?
  var headers: [Header]
  var value: Content?

  init(_ record: OutgoingRecord, partition: Int32, isCanonical: Bool = true) {
    topic = record.topic
    self.isCanonical = isCanonical
    self.partition = record.partition ?? partition
    offset = 42
    timestampMilliseconds = SampleRecords.time.milliseconds
    key = record.key.map { Content($0) }
    value = record.value.map { Content($0) }
    headers = (0..<record.headers.count).map { position in
      let (name, value) = record.headers[position]
      let content = Content(value)
      return Header(name: name, text: content.text, base64: content.base64)
    }
  }

  /// The record as a reader of the topic gets it.
  var consumed: ConsumedRecord { consumed(headers) }

  /// The record as a reader would get it with other headers.
  func consumed(_ headers: [Header]) -> ConsumedRecord {
    var recordHeaders = RecordHeaders()
    for header in headers {
      var content = Content([])
      (content.text, content.base64) = (header.text, header.base64)
      recordHeaders.append(header.name, bytes: content.bytes)
    }
    return ConsumedRecord(
      position: RecordPosition(TopicPartition(topic, partition), offset: offset),
      timestampMilliseconds: timestampMilliseconds, key: key?.bytes, value: value?.bytes, headers: recordHeaders)
  }

  var json: [UInt8] {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return Array(try encoder.encode(self)) + [0x0a]
    }
  }
}
