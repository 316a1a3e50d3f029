import EddyHistory
import EddyNode
import EddyTiming

/// The reason why the text of an option is refused: the end of a sentence that begins with the option's name,
/// such as "must not be negative".
public struct OptionError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  package init(_ description: String) { self.description = description }
}

/// How the values of an option are read and written: as text on a command line, as JSON in a file.
///
/// For every value that is printed and is within the format's limits, `parse(print(value)!)` is `value`.
struct OptionFormat<Value: Sendable>: Sendable {
  /// A word for the value in the usage line, such as `seconds`.
  var valueName: String
  /// The allowed words; empty if other values are allowed.
  var choices: [String] = []
  /// The type of the text as JSON.
  var notation = OptionNotation.text
  /// Reads a value from text. Throws the reason if the text is refused.
  var parse: @Sendable (String) throws(OptionError) -> Value
  /// Writes a value as text; nil if the value is that of an absent option.
  var print: @Sendable (Value) -> String?
}

/// The type of an option's text as JSON.
enum OptionNotation: Sendable {
  /// As a string.
  case text
  /// As a number if the text is one, otherwise as a string.
  case number
  /// As an array of strings, which are separated by commas in the text.
  case list

  /// The text as JSON.
  package func json(_ text: String) -> JSONValue {
    switch self {
    case .text: .string(text)
    case .number: (try? JSONValue(parsing: text)) ?? .string(text)
    case .list: .array(text.split(separator: ",").map { .string(String($0)) })
    }
  }

  /// The text of a JSON value of any of these types.
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
            Double(text) == nil ? "must be a whole number" : "must be a whole number, not a fraction")
        }
        try check(Double(number), from: Double(limits.lowerBound))
        guard number <= limits.upperBound else { throw OptionError("must be at most \(limits.upperBound)") }
        return number
      }, print: { String($0) })
  }

  /// A non-negative limit; `Int.max` stands for no limit.
  static var limit: Self {
    Self(
      valueName: "number", notation: .number, parse: integer(0...Int.max).parse,
      print: { $0 == .max ? nil : String($0) })
  }
}

extension OptionFormat<Double> {
  /// A non-negative number up to `limit`.
  static func number(_ valueName: String, atMost limit: Double) -> Self {
    Self(
      valueName: valueName, notation: .number,
      parse: { (text) throws(OptionError) in try finiteNumber(text, from: 0, atMost: limit) },
      print: { $0.shortest })
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
      // A decimal fraction of nine digits identifies each nanosecond, and so does the nearest Double.
      print: { (Double($0.nanoseconds) / 1e9).shortest })
  }
}

extension OptionFormat<Duration> {
  /// A non-negative number of milliseconds, to the nanosecond.
  static func milliseconds(atMost limit: Double) -> Self {
    Self(
      valueName: "ms", notation: .number,
      parse: { (text) throws(OptionError) in
        .nanoseconds(Int((try finiteNumber(text, from: 0, atMost: limit) * 1e6).rounded()))
      },
      print: { (Double($0.nanoseconds) / 1e6).shortest })
  }
}

extension OptionFormat<UInt64> {
  /// Any 64-bit number. It is text in files too, because many JSON readers would round it.
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

extension OptionFormat<Bool> {
  /// True, as one word; an absent option is false.
  static func word(_ word: String) -> Self {
    Self(
      valueName: "word", choices: [word],
      parse: { (text) throws(OptionError) in
        guard text == word else { throw OptionError("must be \(word)") }
        return true
      }, print: { $0 ? word : nil })
  }
}

extension OptionFormat where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of the raw values of an enumeration.
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
  /// One or more values, separated by commas. An empty list stands for an absent option.
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

  /// A value; nil stands for an absent option.
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
