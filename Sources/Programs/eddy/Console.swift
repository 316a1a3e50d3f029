import EddyEventLoop
import EddyProcess

/// Output for people: results on standard output, progress on standard error. If that is a terminal, its last
/// line is rewritten.
///
/// Write errors are ignored: a run does not end because nobody reads its output. Control characters in lines
/// are escaped, because lines may contain text from nodes.
final class Console {
  /// Whether standard error is a terminal, so that its last line can be rewritten.
  let isTerminal: Bool

  private let output: Descriptor?
  private let errors: Descriptor?
  /// The progress line; nil if there is none.
  private var liveLine: String?

  init() {
    output = try? Descriptor(duplicating: 1)
    errors = try? Descriptor(duplicating: 2)
    isTerminal = System.terminalWidth(of: 2) != nil
  }

  /// Prints a line on standard output, unbuffered.
  func report(_ line: String) { try? output?.writeAll("\(Self.printable(line))\n") }

  /// Prints a permanent line on standard error, above the progress line.
  func print(_ line: String) {
    let line = Self.printable(line)
    if let liveLine { write("\(Self.restart)\(line)\n\(liveLine)") } else { write("\(line)\n") }
  }

  /// The largest length of the progress line, in characters; nil without a terminal.
  var width: Int? {
    // A terminal of unknown size reports 0.
    System.terminalWidth(of: 2).map { $0 > 0 ? $0 - 1 : 79 }
  }

  /// Rewrites the progress line. It is truncated, because a wrapped line cannot be rewritten.
  func show(_ line: String) {
    guard let width else { return }
    let shown = String(Self.printable(line).prefix(width))
    liveLine = shown
    write(Self.restart + shown)
  }

  /// Removes the progress line.
  func clear() {
    guard liveLine != nil else { return }
    liveLine = nil
    write(Self.restart)
  }

  /// The text with control characters escaped, such as `\x1b`, except line feeds and tabs.
  static func printable(_ text: String) -> String {
    func isControl(_ scalar: Unicode.Scalar) -> Bool {
      scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
    }
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var printable = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      guard isControl(scalar) else {
        printable.append(scalar)
        continue
      }
      printable += "\\x\(scalar.value < 16 ? "0" : "")\(String(scalar.value, radix: 16))".unicodeScalars
    }
    return String(printable)
  }

  /// Moves to the start of the line and erases it.
  private static let restart = "\r\u{1B}[K"

  private func write(_ text: String) { try? errors?.writeAll(text) }
}
