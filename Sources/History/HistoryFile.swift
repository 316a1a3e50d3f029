public import EddyNode
import EddyTiming

/// The format of `history.jsonl`: one entry of the history per line.
///
///     {"index":0,"time":12000000,"process":0,"type":"invoke","f":"broadcast","value":7,"node":"n0","client":"c3"}
///
/// `time` is in nanoseconds since the start of operations. `process` is a number or `"nemesis"`. `error` is
/// an array of a name and an optional text. `value`, `error`, `final?`, `node` and `client` may be absent.
public enum HistoryFile {
  /// The text of `history.jsonl`. O(length of the history).
  public static func encode(_ history: History) -> [UInt8] {
    var bytes: [UInt8] = []
    encode(history) { bytes += $0 }
    return bytes
  }

  /// Passes the text of `history.jsonl` to `take` line by line, since all of it may exceed the memory.
  package static func encode(_ history: History, _ take: (UnsafeRawBufferPointer) -> Void) {
    var writer = JSONWriter()
    for operation in history.operations {
      writer.removeAll(keepingCapacity: true)
      operation.encode(into: &writer)
      writer.endLine()
      writer.withUnsafeBytes(take)
    }
  }

  /// Reads what ``encode(_:)`` wrote. Unknown members and empty lines are ignored. O(length).
  ///
  /// Throws ``HistoryFileError`` for the first line that is not the next entry of a history.
  public static func decode(_ bytes: [UInt8]) throws(HistoryFileError) -> History {
    var importer = HistoryImporter()
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in zip(1..., lines) where !line.isEmpty {
      do {
        let fields = try UncheckedOperation(json: line)
        let index = importer.history.operations.count
        guard fields.index == index else {
          throw UncheckedOperation.Malformed(reason: "expected index \(index)")
        }
        try importer.append(fields)
      } catch {
        throw HistoryFileError(line: number, reason: "\(error)")
      }
    }
    return importer.history
  }
}

/// Why a text is not a history.
public struct HistoryFileError: Error, Hashable, CustomStringConvertible {
  /// The number of the line, from 1.
  public var line: Int
  /// The defect of the line.
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
  /// The value without line feeds, which JSON allows between tokens but the file format does not.
  fileprivate var onOneLine: RawJSON {
    let hasLineFeed = bytes.withContiguousStorageIfAvailable { $0.contains(UInt8(ascii: "\n")) }
    guard hasLineFeed != false else { return self }
    let spaced = bytes.map { $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 }
    var reader = JSONReader(spaced)
    return (try? reader.readRaw()) ?? self
  }
}
