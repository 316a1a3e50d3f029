import ArgumentParser

/// Parsers of flag values. Each throws the reason if it refuses a value.
enum FlagValue {
  /// A positive whole number.
  static func positive(_ text: String) throws -> Int {
    guard let number = Int(text) else { throw ValidationError("must be a whole number") }
    guard number > 0 else { throw ValidationError("must be positive") }
    return number
  }

  /// A time in a run, in seconds.
  static func seconds(_ text: String) throws -> Double {
    guard let seconds = Double(text), seconds.magnitude < 1e9 else {
      throw ValidationError("must be a number of seconds")
    }
    guard seconds >= 0 else { throw ValidationError("must not be negative") }
    return seconds
  }

  /// Non-negative whole numbers, separated by commas.
  static func indices(_ text: String) throws -> [Int] {
    let numbers = text.split(separator: ",").compactMap { Int($0) }
    guard !numbers.isEmpty, numbers.count == text.split(separator: ",").count, numbers.allSatisfy({ $0 >= 0 })
    else {
      throw ValidationError("must be numbers from 0, separated by commas")
    }
    return numbers
  }

  /// Names, separated by commas.
  static func names(_ text: String) throws -> [String] {
    let names = text.split(separator: ",").map(String.init)
    if names.isEmpty { throw ValidationError("must name at least one") }
    return names
  }
}
