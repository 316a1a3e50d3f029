public import EddyNode
import EddyTiming

/// The text of `history.jsonl`: one entry of the history a line.
///
///     {"index":0,"time":12000000,"process":0,"type":"invoke","f":"broadcast","value":7,"node":"n0","client":"c3"}
///
/// `time` is in nanoseconds since the start of the run; `process` is a number or `"nemesis"`; `value`,
/// `error` (a name, or a name and a text), `final?`, `node` and `client` are there only if they say something.
public enum HistoryFile {
  /// The text of `history.jsonl`. O(length of the history).
  public static func encode(_ history: History) -> [UInt8] {
    var bytes: [UInt8] = []
    encode(history) { bytes += $0 }
    return bytes
  }

  /// Hands over the text of `history.jsonl` line by line: as a whole it may be larger than memory.
  package static func encode(_ history: History, _ take: (UnsafeRawBufferPointer) -> Void) {
    var writer = JSONWriter()
    for operation in history.operations {
      writer.removeAll(keepingCapacity: true)
      operation.encode(into: &writer)
      writer.endLine()
      writer.withUnsafeBytes(take)
    }
  }

  /// Reads what ``encode(_:)`` wrote. Unknown members are ignored, and so are empty lines.
  public static func decode(_ bytes: [UInt8]) throws(HistoryFileError) -> History {
    var builder = HistoryBuilder()
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in zip(1..., lines) where !line.isEmpty {
      do {
        let fields = try OperationFields(json: line)
        let index = builder.history.operations.count
        guard fields.index == index else {
          throw OperationFields.Malformed(reason: "expected index \(index)")
        }
        try builder.append(fields)
      } catch {
        throw HistoryFileError(line: number, reason: "\(error)")
      }
    }
    return builder.history
  }
}

/// Why some text is not a history.
public struct HistoryFileError: Error, Hashable, CustomStringConvertible {
  /// Counted from 1.
  public var line: Int
  /// What is wrong with that line.
  public var reason: String

  package init(line: Int, reason: String) {
    self.line = line
    self.reason = reason
  }

  public var description: String { "history.jsonl, line \(line): \(reason)" }
}

extension Operation: JSONEncodable {
  /// Writes the entry as a line of `history.jsonl`, without the newline.
  public func encode(into writer: inout JSONWriter) {
    writer.object {
      $0.field("index", index)
      $0.field("time", time.nanoseconds)
      switch process {
      case .client(let number): $0.field("process", number)
      case .nemesis: $0.field("process", "nemesis")
      }
      $0.field("type", kind.rawValue)
      $0.field("f", function)
      if let value { $0.field("value", value.onOneLine) }
      if let error { $0.field("error", [error.name] + (error.text.map { [$0] } ?? [])) }
      if isFinal { $0.field("final?", true) }
      if let node { $0.field("node", node) }
      if let client { $0.field("client", client) }
    }
  }
}

extension RawJSON {
  /// The value without line feeds, which JSON allows between tokens and a file of lines does not.
  fileprivate var onOneLine: RawJSON {
    let hasLineFeed = bytes.withContiguousStorageIfAvailable { $0.contains(UInt8(ascii: "\n")) }
    guard hasLineFeed != false else { return self }
    let spaced = bytes.map { $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 }
    var reader = JSONReader(spaced)
    return (try? reader.readRaw()) ?? self
  }
}
