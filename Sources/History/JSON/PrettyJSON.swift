import EddyNode

extension JSONValue {
  /// Indented JSON: one member per line, two spaces per level. An array without nested values is on one line.
  package var prettyPrinted: String {
    var text = ""
    prettyPrint(into: &text, indentation: "\n")
    return text
  }

  private func prettyPrint(into text: inout String, indentation: String) {
    let inner = indentation + "  "
    switch self {
    case .object(let object) where !object.isEmpty:
      var separator = "{"
      for (key, value) in object {
        text += "\(separator)\(inner)\(JSONValue.string(key)): "
        value.prettyPrint(into: &text, indentation: inner)
        separator = ","
      }
      text += indentation + "}"
    case .array(let elements) where elements.contains(where: \.isNested):
      var separator = "["
      for element in elements {
        text += separator + inner
        element.prettyPrint(into: &text, indentation: inner)
        separator = ","
      }
      text += indentation + "]"
    case .array(let elements): text += "[" + elements.map(\.description).joined(separator: ", ") + "]"
    default: text += description
    }
  }

  private var isNested: Bool {
    switch self {
    case .array, .object: true
    default: false
    }
  }
}
