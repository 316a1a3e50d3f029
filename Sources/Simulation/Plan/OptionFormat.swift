import EddyHistory
import EddyNode
import EddyTiming

/// Why the text of an option is refused: the end of a sentence that begins with the option's name, such
/// as "must not be negative".
public struct OptionError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// How the values of an option are written: on a command line as text, in a file as JSON.
///
/// `parse(print(value)!)` is `value`, for every value that is printed and passes the format's own limits.
struct OptionFormat<Value: Sendable>: Sendable {
  /// What a value is, in a word for the usage line, such as `seconds`.
  var valueName: String
  /// The words to choose from; empty if there are others.
  var choices: [String] = []
  /// How the text is written in a file.
  var notation = OptionNotation.text
  /// Reads a value from text, or says why it is refused.
  var parse: @Sendable (String) throws(OptionError) -> Value
  /// Writes a value as text; nil for one that is the same as no option at all.
  var print: @Sendable (Value) -> String?
}

/// How an option's text is written as JSON.
enum OptionNotation: Sendable {
  /// As a string.
  case text
  /// As a number where the text is one, otherwise as a string.
  case number
  /// As an array of strings: the parts that commas separate.
  case list

  /// The text as JSON.
  package func json(_ text: String) -> JSONValue {
    switch self {
    case .text: .string(text)
    case .number: (try? JSONValue(parsing: text)) ?? .string(text)
    case .list: .array(text.split(separator: ",").map { .string(String($0)) })
    }
  }

  /// The text that JSON stands for, whichever way it is written.
  static func text(_ json: JSONValue) throws(OptionError) -> String {
    switch json {
    case .string(let string): return string
    case .integer(let integer): return String(integer)
    case .double(let double): return String(double)
    case .array(let elements):
      var parts: [String] = []
      for element in elements { parts.append(try text(element)) }
      return parts.joined(separator: ",")
    case .null, .bool, .object: throw OptionError("must be a string, a number or an array of them")
    }
  }
}

// MARK: - Numbers

extension OptionFormat<Int> {
  /// A whole number within limits.
  static func integer(_ limits: ClosedRange<Int>, _ valueName: String = "number") -> Self {
    Self(
      valueName: valueName, notation: .number,
      parse: { (text) throws(OptionError) in
        guard let number = Int(text) else {
          throw OptionError(
            Double(text) == nil ? "must be a whole number" : "must be a whole number, no fraction")
        }
        try check(Double(number), from: Double(limits.lowerBound))
        guard number <= limits.upperBound else { throw OptionError("must be at most \(limits.upperBound)") }
        return number
      }, print: { String($0) })
  }

  /// A limit that is not negative, and `Int.max` where there is none.
  static var limit: Self {
    Self(
      valueName: "number", notation: .number, parse: integer(0...Int.max).parse,
      print: { $0 == .max ? nil : String($0) })
  }
}

extension OptionFormat<Double> {
  /// A number that is not negative, and at most the limit.
  static func number(_ valueName: String, atMost limit: Double) -> Self {
    Self(
      valueName: valueName, notation: .number,
      parse: { (text) throws(OptionError) in try finiteNumber(text, from: 0, atMost: limit) },
      print: { text($0) })
  }
}

extension OptionFormat<Duration> {
  /// A positive number of seconds, to the nanosecond.
  static var seconds: Self { seconds(atLeast: .nanoseconds(1)) }

  /// A number of seconds, to the nanosecond.
  static func seconds(atLeast least: Duration) -> Self {
    Self(
      valueName: "seconds", notation: .number,
      parse: { (text) throws(OptionError) in
        let seconds = try finiteNumber(text, from: 0, atMost: 1e6)
        let duration = Duration.nanoseconds(Int((seconds * 1e9).rounded()))
        if duration == .zero { throw OptionError("must be positive") }
        guard duration >= least else { throw OptionError("must be at least \(least.short)") }
        return duration
      },
      // A decimal fraction of nine digits names each nanosecond, and the nearest Double names it still.
      print: { text(Double($0.nanoseconds) / 1e9) })
  }
}

extension OptionFormat<UInt64> {
  /// Any number of 64 bits. As text in files too: many readers of JSON would round it.
  static var seed: Self {
    Self(
      valueName: "number",
      parse: { (text) throws(OptionError) in
        guard let seed = UInt64(text) else {
          throw OptionError("must be a whole number from 0 to \(UInt64.max)")
        }
        return seed
      }, print: { String($0) })
  }
}

/// The shortest text that is read as the same number: `60` rather than `60.0`.
private func text(_ number: Double) -> String {
  let text = String(number)
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

private func finiteNumber(_ text: String, from least: Double, atMost limit: Double) throws(OptionError)
  -> Double
{
  guard let number = Double(text), number.isFinite else { throw OptionError("must be a number") }
  try check(number, from: least)
  guard number <= limit else { throw OptionError("must be at most \(Int(limit))") }
  return number
}

private func check(_ number: Double, from least: Double) throws(OptionError) {
  guard number < least else { return }
  throw OptionError(
    least == 0 ? "must not be negative" : least == 1 ? "must be positive" : "must be at least \(least)")
}

// MARK: - Words

extension OptionFormat where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of the type's words.
  static var choice: Self {
    let words = Value.allCases.map(\.rawValue)
    return Self(
      valueName: "name", choices: words,
      parse: { (text) throws(OptionError) in
        guard let value = Value(rawValue: text) else {
          throw OptionError("must be one of \(words.commaSeparated)")
        }
        return value
      }, print: { $0.rawValue })
  }
}

extension OptionFormat {
  /// One or more values, separated by commas; none of them is the same as no option.
  static func list<Element>(of format: OptionFormat<Element>, _ valueName: String = "list") -> Self
  where Value == [Element] {
    Self(
      valueName: valueName, choices: format.choices, notation: .list,
      parse: { (text) throws(OptionError) in
        var values: [Element] = []
        for part in text.split(separator: ",") { values.append(try format.parse(part.trimmingSpaces)) }
        if values.isEmpty { throw OptionError("must name at least one" + format.explainedChoices) }
        return values
      },
      print: { values in
        values.isEmpty ? nil : values.compactMap { format.print($0) }.joined(separator: ",")
      })
  }

  /// A value, or nil for no option.
  static func optional<Wrapped>(_ format: OptionFormat<Wrapped>) -> Self where Value == Wrapped? {
    Self(
      valueName: format.valueName, choices: format.choices, notation: format.notation,
      parse: { (text) throws(OptionError) in try format.parse(text) },
      print: { $0.flatMap { format.print($0) } })
  }

  private var explainedChoices: String { choices.isEmpty ? "" : " of \(choices.commaSeparated)" }
}

extension [String] {
  fileprivate var commaSeparated: String { joined(separator: ", ") }
}

extension Substring {
  fileprivate var trimmingSpaces: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
