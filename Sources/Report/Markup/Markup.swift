import EddyHistory

/// Writes elements of SVG and HTML. Escapes all text and attribute values.
///
///     var markup = Markup()
///     markup.element("p", ["class": "note"]) { $0.text("a < b") }
struct Markup {
  private(set) var string = ""

  typealias Attributes = KeyValuePairs<String, String>

  /// Writes an element with content.
  mutating func element(_ name: String, _ attributes: Attributes = [:], content: (inout Markup) -> Void) {
    open(name, attributes)
    string += ">"
    content(&self)
    string += "</\(name)>"
  }

  /// Writes an element that contains only text.
  mutating func element(_ name: String, _ attributes: Attributes = [:], text: String) {
    element(name, attributes) { $0.text(text) }
  }

  /// Writes an empty element in XML syntax.
  mutating func element(_ name: String, _ attributes: Attributes) {
    open(name, attributes)
    string += "/>"
  }

  /// Writes text, escaped.
  mutating func text(_ text: String) { string.append(escaping: text) }

  /// Writes markup unchanged.
  package mutating func raw(_ markup: String) { string += markup }

  private mutating func open(_ name: String, _ attributes: Attributes) {
    string += "<\(name)"
    for (key, value) in attributes {
      string += " \(key)=\""
      string.append(escaping: value)
      string += "\""
    }
  }
}

extension String {
  /// Appends text escaped for content and quoted attributes, in both XML and HTML.
  ///
  /// Control characters, which XML 1.0 cannot represent, become their symbols (U+2400 …), and non-characters
  /// become U+FFFD.
  fileprivate mutating func append(escaping text: String) {
    guard text.utf8.contains(where: { Self.needsEscape($0) }) else {
      self += text
      return
    }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": self += "&lt;"
      case ">": self += "&gt;"
      case "&": self += "&amp;"
      case "\"": self += "&quot;"
      case "\n", "\t": unicodeScalars.append(scalar)
      case "\u{0}"..<" ": unicodeScalars.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
      case "\u{7F}": unicodeScalars.append("\u{2421}")
      case "\u{80}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": unicodeScalars.append("\u{FFFD}")
      default: unicodeScalars.append(scalar)
      }
    }
  }

  /// Whether a byte may belong to a character that has to be replaced.
  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte > 0x7E || [0x22, 0x26, 0x3C, 0x3E].contains(byte)
  }
}

extension DefaultStringInterpolation {
  /// A coordinate, rounded to a tenth of a pixel: more decimals are invisible and enlarge files.
  mutating func appendInterpolation(px coordinate: Double) { appendLiteral(coordinate.short(1)) }
}
