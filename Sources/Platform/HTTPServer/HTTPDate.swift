internal import CLinux
internal import Glibc

/// The date as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
enum HTTPDate {
  private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// Seconds since 1970 UTC, a tick of the kernel old at most.
  static func currentSecond() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME_COARSE, &time)
    return Int64(time.tv_sec)
  }

  static func text(second: Int64) -> [UInt8] {
    var time = time_t(second)
    var parts = unsafe tm()
    unsafe gmtime_r(&time, &parts)
    let (day, month) = unsafe (Int(parts.tm_mday), months[Int(parts.tm_mon)])
    let clock = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map { twoDigits(Int($0)) }.joined(separator: ":")
    let (weekday, year) = unsafe (days[Int(parts.tm_wday)], Int(parts.tm_year) + 1900)
    return Array("\(weekday), \(twoDigits(day)) \(month) \(year) \(clock) GMT".utf8)
  }

  private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
