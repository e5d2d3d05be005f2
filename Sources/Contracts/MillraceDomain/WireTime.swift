/// Times as RFC 3339 writes them, in UTC with milliseconds: `2026-11-25T02:02:47.123Z`. Pure.
package enum WireTime {
  private static let dayMilliseconds: Int64 = 86_400_000

  /// The text of a time.
  package static func text(_ time: Timestamp) -> String {
    let milliseconds = time.milliseconds
    let days =
      milliseconds >= 0 ? milliseconds / dayMilliseconds : (milliseconds - dayMilliseconds + 1) / dayMilliseconds
    let rest = milliseconds - days * dayMilliseconds
    let (year, month, day) = date(ofDay: days)
    let clock = "\(two(rest / 3_600_000)):\(two(rest / 60_000 % 60)):\(two(rest / 1000 % 60))"
    return "\(padded(year, 4))-\(two(month))-\(two(day))T\(clock).\(padded(rest % 1000, 3))Z"
  }

  /// Reads RFC 3339 with any offset and up to nine digits of a second's fraction; nil where it is anything else.
  package static func time(_ text: String) -> Timestamp? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes[4] == 0x2d, bytes[7] == 0x2d, bytes[10] | 0x20 == 0x74, bytes[13] == 0x3a,
      bytes[16] == 0x3a, let year = number(bytes[0..<4]), let month = number(bytes[5..<7]),
      let day = number(bytes[8..<10]), let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]),
      let second = number(bytes[17..<19]), 1...12 ~= month, 1...daysInMonth(year, month) ~= day, hour < 24, minute < 60,
      second < 60, let (fraction, rest) = fraction(bytes[19...]), let offsetMinutes = offset(rest)
    else { return nil }
    let clock = (hour * 3600 + (minute - offsetMinutes) * 60 + second) * 1000 + fraction
    return Timestamp(milliseconds: self.day(year, month, day) * dayMilliseconds + clock)
  }

  private static func fraction(_ bytes: ArraySlice<UInt8>) -> (milliseconds: Int64, rest: ArraySlice<UInt8>)? {
    guard bytes.first == 0x2e else { return (0, bytes) }
    let digits = bytes.dropFirst().prefix { 0x30...0x39 ~= $0 }
    guard 1...9 ~= digits.count else { return nil }
    let milliseconds = (0..<3).reduce(Int64(0)) { sum, index in
      sum * 10 + (index < digits.count ? Int64(digits[digits.startIndex + index] - 0x30) : 0)
    }
    return (milliseconds, bytes.dropFirst(1 + digits.count))
  }

  private static func offset(_ bytes: ArraySlice<UInt8>) -> Int64? {
    let bytes = Array(bytes)
    if bytes.count == 1, bytes[0] | 0x20 == 0x7a { return 0 }
    guard bytes.count == 6, bytes[0] == 0x2b || bytes[0] == 0x2d, bytes[3] == 0x3a, let hours = number(bytes[1..<3]),
      let minutes = number(bytes[4..<6]), hours < 24, minutes < 60
    else { return nil }
    return (bytes[0] == 0x2d ? -1 : 1) * (hours * 60 + minutes)
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard digits.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
  }

  private static func daysInMonth(_ year: Int64, _ month: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970 of a date: Howard Hinnant's days_from_civil.
  private static func day(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The date of a day since 1970: civil_from_days.
  private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let part = (5 * dayOfYear + 2) / 153
    let month = part < 10 ? part + 3 : part - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1)
  }

  private static func two(_ number: Int64) -> String { padded(number, 2) }
  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
