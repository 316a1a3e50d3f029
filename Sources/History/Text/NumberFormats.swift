package import EddyTiming

// Formats of numbers in messages and reports. They do not use the C library, so all machines write the same.

extension Double {
  /// The number with exactly `decimals` decimals, rounded half away from zero: `3.14`.
  package func fixed(_ decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (self * scale).rounded()
    guard scaled.magnitude < 9e15 else { return description }
    let digits = String(Int(scaled.magnitude))
    let padded = String(repeating: "0", count: Swift.max(0, decimals + 1 - digits.count)) + digits
    let sign = scaled < 0 ? "-" : ""
    guard decimals > 0 else { return sign + padded }
    return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }

  /// The number with at most `decimals` decimals, without trailing zeros: `2.5`, `3`.
  package func short(_ decimals: Int) -> String {
    var text = fixed(decimals)
    guard text.contains(".") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}

extension Double {
  /// The shortest text with the same value, without ".0": `60`, `2.5`.
  package var shortest: String {
    let text = description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension Int {
  /// The number with its digits in groups of three: `12,345`.
  package var grouped: String {
    var groups: [Substring] = []
    var rest = Substring(String(magnitude))
    while rest.count > 3 {
      groups.insert(rest.suffix(3), at: 0)
      rest = rest.dropLast(3)
    }
    groups.insert(rest, at: 0)
    return (self < 0 ? "-" : "") + groups.joined(separator: ",")
  }

  /// The number with its noun: `1 message`, `2,000 messages`.
  package func counted(_ noun: String) -> String { "\(grouped) \(noun)\(self == 1 ? "" : "s")" }
}

extension Duration {
  /// The duration in a unit of its magnitude: `12 µs`, `3.4 ms`, `1.25 s`.
  package var short: String {
    let nanoseconds = Double(self.nanoseconds)
    return switch nanoseconds.magnitude {
    case 0: "0"
    case ..<1e6: "\((nanoseconds / 1e3).short(nanoseconds < 1e4 ? 1 : 0)) µs"
    case ..<1e9: "\((nanoseconds / 1e6).short(nanoseconds < 1e7 ? 2 : nanoseconds < 1e8 ? 1 : 0)) ms"
    default: "\((nanoseconds / 1e9).short(nanoseconds < 1e10 ? 2 : 1)) s"
    }
  }
}

extension Instant {
  /// Seconds since the start of operations.
  package var inSeconds: Double { Double(nanoseconds) / 1e9 }

  init(inSeconds seconds: Double) { self.init(nanoseconds: Int((seconds * 1e9).rounded())) }

  /// Seconds with three decimals if that is exact, else with six, truncated: `1.204 s`, `1.204031 s`.
  package var clock: String {
    let decimals = nanoseconds % 1_000_000 == 0 ? 3 : 6
    let microseconds = nanoseconds / 1000
    return "\((Double(microseconds) / 1e6).fixed(decimals)) s"
  }
}

extension String {
  /// The text, truncated to at most `limit` characters with "…" at the end if it is longer.
  package func shortened(to limit: Int) -> String {
    // `count` would traverse all of a long payload.
    index(startIndex, offsetBy: limit + 1, limitedBy: endIndex) == nil ? self : prefix(limit - 1) + "…"
  }
}
