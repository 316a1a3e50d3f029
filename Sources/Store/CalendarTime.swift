import EddyTiming

/// A date and time as in the names of Maelstrom's directories: `20261123T011500.123+0000`, in UTC.
package struct CalendarTime: CustomStringConvertible {
  let year, month, day, hour, minute, second, millisecond: Int

  /// - Parameter time: Time since 1970-01-01T00:00:00Z; not negative.
  package init(_ time: Duration) {
    let total = Int(time.nanoseconds / 1_000_000)
    millisecond = total % 1000
    second = total / 1000 % 60
    minute = total / 60_000 % 60
    hour = total / 3_600_000 % 24
    (year, month, day) = Self.date(daysSince1970: total / 86_400_000)
  }

  /// Computes the Gregorian date; Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`.
  ///
  /// Years are counted from March, so that the leap day is their last, and in eras of 400, each of
  /// which has 146,097 days.
  private static func date(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = (days + 719_468).quotientAndRemainder(dividingBy: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (400 * era + yearOfEra + (month <= 2 ? 1 : 0), month, day)
  }

  package var description: String {
    let date = [(year, 4), (month, 2), (day, 2)].map(Self.padded).joined()
    let time = [(hour, 2), (minute, 2), (second, 2)].map(Self.padded).joined()
    return "\(date)T\(time).\(Self.padded(millisecond, 3))+0000"
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
