package import MillraceDomain

/// One month of the calendar (UTC), as a range of time and so of UUIDv7.
package struct Month: Hashable, Sendable {
  /// The year, such as 2026.
  package let year: Int64
  /// 1 to 12.
  package let month: Int64

  /// The month that a time is in.
  package init(of time: Timestamp) {
    // civil_from_days, Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    let days = Month.floorDivide(time.milliseconds, 86_400_000) + 719_468
    let era = Month.floorDivide(days, 146_097)
    let dayOfEra = days - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    month = shifted < 10 ? shifted + 3 : shifted - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  private init(year: Int64, month: Int64) {
    self.year = year
    self.month = month
  }

  /// The month after this one.
  package var next: Month { month == 12 ? Month(year: year + 1, month: 1) : Month(year: year, month: month + 1) }

  /// When it begins; it ends when the next one begins.
  package var start: Timestamp {
    // days_from_civil, from the same source, for the first day of the month.
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = Month.floorDivide(shiftedYear, 400)
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Timestamp(milliseconds: (era * 146_097 + dayOfEra - 719_468) * 86_400_000)
  }

  /// The end of the names of its partitions, such as `2026_11`.
  package var suffix: String { "\(year)_\(month < 10 ? "0" : "")\(month)" }

  private static func floorDivide(_ number: Int64, _ divisor: Int64) -> Int64 {
    number >= 0 ? number / divisor : -((divisor - 1 - number) / divisor)
  }
}

/// Which partitions there must be.
package enum MonthRules {
  /// The month of the time and so many after it.
  package static func months(at time: Timestamp, ahead: Int) -> [Month] {
    var months = [Month(of: time)]
    for _ in 0..<ahead { months.append(months[months.count - 1].next) }
    return months
  }
}
