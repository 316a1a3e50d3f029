import EddyEventLoop
import EddyProcess

/// What a person sees: what a run comes to on standard output, how it goes on standard error, there
/// with a last line that is rewritten if it is a terminal.
///
/// Errors of writing are ignored: a run does not end because nobody reads along. Lines may hold what
/// nodes said: their control characters do not reach the terminal, which would obey them.
final class Console {
  /// Whether a line can be rewritten.
  let isTerminal: Bool

  private let output: Descriptor?
  private let errors: Descriptor?
  /// The line on show.
  private var liveLine: String?

  init() {
    output = try? Descriptor(duplicating: 1)
    errors = try? Descriptor(duplicating: 2)
    isTerminal = System.terminalWidth(of: 2) != nil
  }

  /// Prints a line on standard output, at once and not when a buffer is full.
  func report(_ line: String) { try? output?.writeAll("\(Self.printable(line))\n") }

  /// Prints a line that stays, above the one on show.
  func print(_ line: String) {
    let line = Self.printable(line)
    if let liveLine { write("\(Self.restart)\(line)\n\(liveLine)") } else { write("\(line)\n") }
  }

  /// How many characters of a line can be shown and rewritten; nil where no line can be.
  var width: Int? {
    // A terminal that nobody told its size says 0.
    System.terminalWidth(of: 2).map { $0 > 0 ? $0 - 1 : 79 }
  }

  /// Rewrites the last line. It is cut rather than wrapped, for a wrapped line cannot be rewritten.
  func show(_ line: String) {
    guard let width else { return }
    let shown = String(Self.printable(line).prefix(width))
    liveLine = shown
    write(Self.restart + shown)
  }

  /// Removes the line on show.
  func clear() {
    guard liveLine != nil else { return }
    liveLine = nil
    write(Self.restart)
  }

  /// The text with its control characters spelled out, such as `\x1b`, but for line feeds and tabs.
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

  /// Goes to the line's start and erases it.
  private static let restart = "\r\u{1B}[K"

  private func write(_ text: String) { try? errors?.writeAll(text) }
}
