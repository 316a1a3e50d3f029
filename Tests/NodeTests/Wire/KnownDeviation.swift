import EddyNode
import Foundation

/// How Foundation's parser differs from ours where the RFC leaves a choice, or where it is wrong.
enum KnownDeviation: CaseIterable {
  /// It takes a text with zero bytes at its start for UTF-16 or UTF-32, which RFC 8259 rules out
  /// (section 8.1).
  case otherEncodings
  /// It drops a byte order mark before the text, which RFC 8259 allows to parsers; we reject it. But
  /// it also drops U+FEFF from strings, at their start and behind escapes, which is a fault.
  case byteOrderMark
  /// It rejects an escape of half a surrogate pair, which the grammar allows (section 8.2).
  case loneSurrogateEscape
  /// It rejects numbers beyond the range of `Double`, which the grammar allows; to us they are
  /// infinities.
  case hugeNumber

  /// It accepts a comma before a closing bracket.
  case trailingComma

  /// Whether this explains a difference over the text, which we read as `value` or reject.
  func explains(_ text: [UInt8], readAs value: JSONValue?) -> Bool {
    let string = String(decoding: text, as: UTF8.self)
    switch self {
    case .otherEncodings:
      return text.prefix(4).contains(0) || text.starts(with: [0xFE, 0xFF]) || text.starts(with: [0xFF, 0xFE])
    case .byteOrderMark:
      return string.unicodeScalars.contains("\u{FEFF}")
    case .loneSurrogateEscape:
      let withoutPairs = string.replacing(/\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]../, with: "")
      return value != nil && withoutPairs.contains(/\\u[dD][89a-fA-F]/)
    case .hugeNumber:
      return value?.contains { $0 == .double(.infinity) || $0 == .double(-.infinity) } ?? false
    case .trailingComma:
      return value == nil && string.contains(/,\s*[\]}]/)
    }
  }
}

extension JSONValue {
  /// Whether some leaf of the tree satisfies the predicate.
  fileprivate func contains(where predicate: (JSONValue) -> Bool) -> Bool {
    switch self {
    case .array(let elements): elements.contains { $0.contains(where: predicate) }
    case .object(let object): object.contains { $0.value.contains(where: predicate) }
    default: predicate(self)
    }
  }

  /// Whether Foundation's tree says the same.
  func isSame(as other: Any) -> Bool {
    switch self {
    case .null: return other is NSNull
    case .bool(let bool): return (other as? Bool) == bool
    case .integer(let integer): return (other as? NSNumber)?.intValue == integer
    case .double(let double):
      // Foundation keeps many fractions as `Decimal`, whose digits are right but whose `doubleValue`
      // is not always the nearest.
      return (other as? NSNumber).flatMap { Double($0.stringValue) } == double
    case .string(let string): return (other as? String).map { Array($0.utf8) == Array(string.utf8) } ?? false
    case .array(let elements):
      guard let other = other as? [Any] else { return false }
      return elements.count == other.count && zip(elements, other).allSatisfy { $0.isSame(as: $1) }
    case .object(let object):
      guard let other = other as? [String: Any] else { return false }
      return object.count == other.count
        && object.allSatisfy { key, value in other[key].map { value.isSame(as: $0) } ?? false }
    }
  }
}
