package import EventLoop
import Node
import Timing
public import Workbench

/// The files that a run left in its directory, read back.
public struct StoredRun: Sendable {
  public let recording: Recording
  /// For each anomaly that the checkers found, the entries of the history that show it.
  public let anomalies: [[Int]]

  /// Reads the files that ``RunDirectory`` names, but for `results.json` and the logs all needed.
  public init(directory: String) throws(StoredRunError) {
    let options = try Self.json(directory, "options.json")
    let nodes = options["nodes"]?.strings ?? []
    guard !nodes.isEmpty, case .integer(let concurrency)? = options["concurrency"], concurrency > 0 else {
      throw StoredRunError("\(directory)/options.json does not name the nodes and the concurrency")
    }
    let history = try Self.decode(directory, "history.jsonl") { bytes in try HistoryFile.decode(bytes) }
    let messages = try Self.decode(directory, "messages.jsonl") { bytes in
      try bytes.split(separator: UInt8(ascii: "\n")).map { try MessageRecord(parsing: Array($0)) }
    }
    let logs = nodes.map { Self.log(of: $0, directory) }
    recording = Recording(
      nodes: nodes, concurrency: Int(concurrency), history: history, messages: messages, logs: logs,
      marks: Self.origin(options).map { LogText.marks(of: logs, origin: $0) } ?? [])
    anomalies = Self.anomalies((try? Self.json(directory, "results.json")) ?? .null)
  }

  /// The start of operations on the nodes' clock, if it is known.
  private static func origin(_ options: JSONValue) -> Instant? {
    guard case .integer(let nanoseconds)? = options["origin"] else { return nil }
    return Instant(nanoseconds: nanoseconds)
  }

  /// The entries of each anomaly in any part of the results, the workload's first.
  private static func anomalies(_ results: JSONValue) -> [[Int]] {
    guard case .object(let parts) = results else { return [] }
    let workload = parts["workload"].map { [$0] } ?? []
    let all = workload + parts.filter { $0.key != "workload" }.map(\.value)
    return all.flatMap { part in
      guard case .array(let anomalies)? = part["anomalies"] else { return [[Int]]() }
      return anomalies.compactMap { $0["operations"]?.integers }
    }.filter { !$0.isEmpty }
  }

  /// A node without a log has said nothing.
  static func log(of node: String, _ directory: String) -> [String] {
    guard let bytes = try? FileSystem.contents(of: "\(directory)/node-logs/\(node).log") else { return [] }
    return bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func json(_ directory: String, _ name: String) throws(StoredRunError) -> JSONValue {
    try decode(directory, name) { bytes in try JSONValue(parsing: String(decoding: bytes, as: UTF8.self)) }
  }

  private static func decode<Value>(
    _ directory: String, _ name: String, _ parse: ([UInt8]) throws -> Value
  ) throws(StoredRunError) -> Value {
    let path = "\(directory)/\(name)"
    do {
      return try parse(try FileSystem.contents(of: path))
    } catch {
      throw StoredRunError("\(path): \(error)")
    }
  }
}

/// Why a directory is no run's.
public struct StoredRunError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

extension JSONValue {
  /// The strings of an array.
  fileprivate var strings: [String] {
    guard case .array(let elements) = self else { return [] }
    return elements.compactMap { if case .string(let string) = $0 { string } else { nil } }
  }

  /// The integers of an array.
  fileprivate var integers: [Int] {
    guard case .array(let elements) = self else { return [] }
    return elements.compactMap { if case .integer(let integer) = $0 { Int(integer) } else { nil } }
  }
}

extension FileSystem {
  /// The whole of a file.
  package static func contents(of path: String) throws(Errno) -> [UInt8] {
    let file = try open(path, for: .read)
    var bytes: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 1)
    defer { buffer.deallocate() }
    while let count = try file.read(into: buffer), count > 0 { bytes += buffer[..<count] }
    return bytes
  }
}
