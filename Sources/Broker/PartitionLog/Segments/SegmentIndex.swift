/// Where batches stand in a segment (`.index`) and how late they are (`.timeindex`): an entry of each for some bytes of log.
///
/// Kafka's formats: 8 bytes `(offset of the batch's last record, from the base, i32; position of the batch, i32)`, and 12 bytes
/// `(latest time so far, i64; offset of the last record of the batch that has it, from the base, i32)`. Both ascend.
struct SegmentIndex: Equatable {
  struct Place: Equatable {
    var relativeOffset: Int32
    var position: Int32
  }

  struct Moment: Equatable {
    var timestamp: Int64
    var relativeOffset: Int32
  }

  static let placeByteCount = 8
  static let momentByteCount = 12

  private(set) var places: [Place] = []
  private(set) var moments: [Moment] = []

  /// Bytes of the offset index.
  var byteCount: Int { places.count * Self.placeByteCount }

  mutating func add(_ place: Place) { places.append(place) }

  /// Notes the latest time so far, where it is later than what is known.
  mutating func add(_ moment: Moment) {
    if let last = moments.last, moment.timestamp <= last.timestamp || moment.relativeOffset <= last.relativeOffset {
      return
    }
    moments.append(moment)
  }

  /// The last entry of a batch that ends at or before the offset; nil where the start is nearer.
  func place(of relativeOffset: Int64) -> Place? {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if Int64(places[middle].relativeOffset) <= relativeOffset { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : places[low - 1]
  }

  /// The last entry before which, and in which, everything is earlier than the time; nil where there is none.
  func moment(before timestamp: Int64) -> Moment? {
    var (low, high) = (0, moments.count)
    while low < high {
      let middle = (low + high) / 2
      if moments[middle].timestamp < timestamp { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : moments[low - 1]
  }

  /// Forgets the entries of batches that end at the offset or behind.
  mutating func cut(toRelativeOffset offset: Int64) {
    places.removeAll { Int64($0.relativeOffset) >= offset }
    moments.removeAll { Int64($0.relativeOffset) >= offset }
  }

  // MARK: files

  func placeBytes(from first: Int = 0) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity((places.count - first) * Self.placeByteCount)
    for place in places[first...] {
      BigEndian.append(place.relativeOffset, to: &bytes)
      BigEndian.append(place.position, to: &bytes)
    }
    return bytes
  }

  func momentBytes(from first: Int = 0) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity((moments.count - first) * Self.momentByteCount)
    for moment in moments[first...] {
      BigEndian.append(moment.timestamp, to: &bytes)
      BigEndian.append(moment.relativeOffset, to: &bytes)
    }
    return bytes
  }

  init() {}

  /// Reads the two files' bytes; nil where they cannot be an index of so many bytes of log: a length that is no whole number
  /// of entries, or entries that do not ascend, or point behind the end.
  init?(places placeBytes: [UInt8], moments momentBytes: [UInt8], logByteCount: Int64) {
    guard placeBytes.count % Self.placeByteCount == 0, momentBytes.count % Self.momentByteCount == 0 else { return nil }
    for start in stride(from: 0, to: placeBytes.count, by: Self.placeByteCount) {
      let place = Place(
        relativeOffset: BigEndian.number(Int32.self, at: start, in: placeBytes),
        position: BigEndian.number(Int32.self, at: start + 4, in: placeBytes))
      guard place.relativeOffset >= 0, place.position >= 0, Int64(place.position) < logByteCount else { return nil }
      if let last = places.last {
        guard place.relativeOffset > last.relativeOffset, place.position > last.position else { return nil }
      }
      places.append(place)
    }
    for start in stride(from: 0, to: momentBytes.count, by: Self.momentByteCount) {
      let moment = Moment(
        timestamp: BigEndian.number(Int64.self, at: start, in: momentBytes),
        relativeOffset: BigEndian.number(Int32.self, at: start + 8, in: momentBytes))
      if let last = moments.last {
        guard moment.timestamp > last.timestamp, moment.relativeOffset > last.relativeOffset else { return nil }
      }
      guard moment.relativeOffset >= 0 else { return nil }
      moments.append(moment)
    }
  }
}
