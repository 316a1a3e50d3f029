import EddyEventLoop
public import EddyHistory
import EddyNode

/// Reads a history from a file: Eddy's `history.jsonl`, Jepsen's `history.edn`, or either compressed by gzip.
///
/// The format of each operation is detected by its first bytes, not by the file's name. The file is read as a
/// stream, so that only the history is in memory.
public struct HistoryReader {
  /// The history.
  public let history: History
  /// Sentences on what the file lacks; empty for a complete file.
  public private(set) var warnings: [String] = []

  /// Reads a file.
  ///
  /// A truncated file is read as far as it goes, with a warning. Any other damage is an error that names the
  /// file and the line.
  ///
  /// - Complexity: O(length of the file).
  public init(path: String) throws(StoredRunError) {
    var parser = Parser()
    let isWhole = try ByteStream(path: path).read { (bytes) throws(StoredRunError) in
      do throws(HistoryFileError) {
        try parser.feed(bytes)
      } catch {
        throw StoredRunError("\(path), line \(error.line): \(error.reason)")
      }
    }
    let importer = parser.importer
    history = importer.history
    let count = history.operations.count
    guard count > 0 || !parser.isCut else {
      throw StoredRunError("\(path), line \(parser.line): the first operation is not complete")
    }
    if parser.isCut || !isWhole {
      warnings.append(
        "\(path) is cut off at line \(parser.line): only the \(count) entries before it are judged")
    }
    if importer.renumberedCount > 0 {
      warnings.append(
        "\(path): \(importer.renumberedCount) entries have a different index in the file; "
          + "they are renumbered from 0 in the order of the file")
    }
    if importer.orphanCount > 0 {
      warnings.append("\(path): \(importer.orphanCount) completions have no invocation before them")
    }
  }

  /// Parses bytes into operations.
  private struct Parser {
    var importer = HistoryImporter()
    private var splitter = FormSplitter()

    var isCut: Bool { splitter.isCut }
    var line: Int { splitter.currentLine }

    mutating func feed(_ bytes: UnsafeRawBufferPointer) throws(HistoryFileError) {
      try splitter.feed(bytes) { (form) throws(HistoryFileError) in
        do {
          try importer.append(UncheckedOperation(form.bytes[...]))
        } catch {
          throw HistoryFileError(line: form.line, reason: "\(error)")
        }
      }
    }
  }
}

extension UncheckedOperation {
  /// Reads an operation in the format that its first bytes show.
  fileprivate init(_ bytes: ArraySlice<UInt8>) throws {
    let second = bytes.dropFirst().first { $0 > UInt8(ascii: " ") }
    // Keys are strings in JSON and keywords in EDN.
    guard bytes.first == UInt8(ascii: "{"), second != UInt8(ascii: ":") else {
      try self.init(edn: bytes)
      return
    }
    try self.init(json: bytes)
  }

  private init(edn bytes: ArraySlice<UInt8>) throws {
    self.init()
    var fields = UncheckedOperation()
    var problem: (any Error)?
    var reader = EDNReader(bytes)
    try reader.members { (reader, key) throws(EDNReader.Failure) in
      let value = try reader.raw()
      do { try fields.set(key, to: value) } catch { problem = problem ?? error }
    }
    try reader.finish()
    if let problem { throw problem }
    self = fields
    unwrapEcho()
  }

  /// Maelstrom records an echo's whole reply; Eddy's histories have its payload.
  private mutating func unwrapEcho() {
    guard function == "echo", kind == .ok, let reply = value?.decoded(), reply["type"] == "echo_ok" else {
      return
    }
    value = RawJSON(encoding: reply["echo"] ?? .null)
  }
}
