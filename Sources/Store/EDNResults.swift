import EddyHistory
import EddyNode

/// The text of `results.edn`, in Maelstrom's format.
enum EDNResults {
  /// Members whose strings Maelstrom writes as keywords.
  private static let keywords: Set<String> = [
    "valid?", "error-types", "bad-error-types", "anomaly-types", "not",
  ]

  static func text(_ results: JSONValue) -> String {
    var writer = EDNWriter()
    write(results, &writer)
    return String(decoding: writer.bytes, as: UTF8.self) + "\n"
  }

  private static func write(_ value: JSONValue, _ writer: inout EDNWriter, isKeyword: Bool = false) {
    switch value {
    case .object(let object):
      writer.append("{")
      for (index, member) in object.enumerated() {
        if index > 0 { writer.append(", ") }
        writer.key(member.key)
        writer.append(" ")
        write(member.value, &writer, isKeyword: keywords.contains(member.key))
      }
      writer.append("}")
    case .array(let elements):
      writer.append("[")
      for (index, element) in elements.enumerated() {
        if index > 0 { writer.append(" ") }
        write(element, &writer, isKeyword: isKeyword)
      }
      writer.append("]")
    default: writer.value(RawJSON(encoding: value), isKeyword ? .keywords : .plain)
    }
  }
}
