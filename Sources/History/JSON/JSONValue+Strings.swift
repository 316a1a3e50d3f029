package import EddyNode

extension JSONValue {
  /// An array of strings.
  package init(strings: [String]) { self = .array(strings.map { .string($0) }) }

  /// The strings among an array's elements; nil if the value is not an array.
  package var strings: [String]? {
    guard case .array(let elements) = self else { return nil }
    return elements.compactMap { if case .string(let string) = $0 { string } else { nil } }
  }
}
