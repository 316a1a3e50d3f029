public import Node
import Timing

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
  static func encode(_ history: History, _ take: (UnsafeRawBufferPointer) -> Void) {
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
    var history = History()
    var busy: Set<Operation.Process> = []
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in zip(1..., lines) where !line.isEmpty {
      do {
        let operation = try Operation(parsing: line)
        try admit(operation, at: history.operations.count, &busy)
        history.append(operation)
      } catch let error as JSONError {
        throw HistoryFileError(line: number, reason: error.description)
      } catch let error as Operation.Malformed {
        throw HistoryFileError(line: number, reason: error.reason)
      } catch {
        preconditionFailure("no other error is thrown above")
      }
    }
    return history
  }

  /// Checks what ``History/append(_:)`` demands, so that a damaged file is an error and not a trap.
  private static func admit(
    _ operation: Operation, at index: Int, _ busy: inout Set<Operation.Process>
  ) throws(Operation.Malformed) {
    guard operation.index == index else { throw .init(reason: "expected index \(index)") }
    guard operation.isClient else { return }
    if operation.kind == .invoke {
      guard busy.insert(operation.process).inserted else {
        throw .init(reason: "the process has not completed its last operation")
      }
    } else {
      busy.remove(operation.process)
    }
  }
}

/// Why some text is no history.
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

  /// What is valid JSON and yet no entry of a history.
  struct Malformed: Error { var reason: String }

  /// Reads a line of `history.jsonl`.
  ///
  /// Throws `JSONError` or ``Malformed``.
  init(parsing line: ArraySlice<UInt8>) throws {
    var reader = JSONReader(Array(line))
    var members: [String: RawJSON] = [:]
    try reader.beginObject()
    while let key = try reader.nextKey() { members[key] = try reader.readRaw() }
    try reader.finish()

    func member(_ key: String) throws(Malformed) -> JSONReader {
      guard let value = members[key] else { throw Malformed(reason: "no \"\(key)\"") }
      return value.reader
    }
    var (index, time, process) = (try member("index"), try member("time"), try member("process"))
    var (kind, function, node) = (try member("type"), try member("f"), members["node"]?.reader)
    var client = members["client"]?.reader
    guard let kind = Kind(rawValue: try kind.readString()) else {
      throw Malformed(reason: "unknown \"type\"")
    }
    self.init(
      index: try index.readInt(), time: Instant(nanoseconds: try time.readInt64()),
      process: try Process(reading: &process), kind: kind, function: try function.readString(),
      value: members["value"], error: try members["error"].map { try OperationError(parsing: $0) },
      isFinal: members["final?"]?.decoded() == true, node: try node?.readString(),
      client: try client?.readString())
  }
}

extension Operation.Process {
  fileprivate init(reading reader: inout JSONReader) throws {
    if reader.peek() == .number {
      self = .client(try reader.readInt())
    } else if try reader.readString() == "nemesis" {
      self = .nemesis
    } else {
      throw Operation.Malformed(reason: "unknown \"process\"")
    }
  }
}

extension OperationError {
  fileprivate init(parsing value: RawJSON) throws {
    var reader = value.reader
    var parts: [String] = []
    try reader.beginArray()
    while try reader.nextElement() { parts.append(try reader.readString()) }
    guard let name = parts.first, parts.count <= 2 else {
      throw Operation.Malformed(reason: "malformed \"error\"")
    }
    self.init(name: name, text: parts.count == 2 ? parts[1] : nil)
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
