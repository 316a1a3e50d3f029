import Foundation
import FoundationXML

/// An element of a parsed SVG file.
struct Element {
  var name: String
  var attributes: [String: String]
  var text = ""
  var children: [Element] = []

  var style: [String] { (attributes["class"] ?? "").split(separator: " ").map(String.init) }

  /// The element and all below it, in the order of the file.
  var all: [Element] { [self] + children.flatMap(\.all) }

  /// The text of the tooltip.
  var title: String? { children.first { $0.name == "title" }?.text }

  func elements(_ name: String, style: String) -> [Element] {
    all.filter { $0.name == name && $0.style.contains(style) }
  }

  /// The tooltips of all messages drawn.
  var messages: [String] { elements("g", style: "m").compactMap(\.title) }

  /// The tooltips of all operations drawn.
  var operations: [String] { elements("g", style: "op").compactMap(\.title) }

  /// The first lines of the messages' tooltips, each of which names type, source and destination.
  var messageNames: [String] { messages.map { String($0.prefix { $0 != "\n" }) } }

  /// All texts that stand in the picture.
  var texts: [String] { all.filter { $0.name == "text" }.map(\.text) }
}

/// Why a text is no XML.
struct NotWellFormed: Error {
  var line: Int
  var reason: String
}

/// Reads XML strictly: anything that is not well-formed is an error.
func parse(xml: String) throws -> Element {
  let reader = TreeReader()
  let parser = XMLParser(data: Data(xml.utf8))
  parser.delegate = reader
  guard parser.parse(), let root = reader.root else {
    throw NotWellFormed(line: parser.lineNumber, reason: "\(parser.parserError.map { "\($0)" } ?? "empty")")
  }
  return root
}

private final class TreeReader: NSObject, XMLParserDelegate {
  private var open: [Element] = []
  var root: Element?

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) { open.append(Element(name: name, attributes: attributes)) }

  func parser(_ parser: XMLParser, foundCharacters string: String) { open[open.count - 1].text += string }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?)
  {
    let element = open.removeLast()
    if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
  }
}
