public import EddyCheckers
import EddyEventLoop
public import EddyHistory
public import EddyNetwork
public import EddyNode
import EddyProcess
public import EddyReport
public import EddyRun
import EddySimulation

/// Where a run leaves its files: `STORE/WORKLOAD/TIME`, as Maelstrom's store.
///
///     options.json     what decided the run
///     results.json     what the checkers found
///     history.jsonl    every operation, as `HistoryFile` describes
///     messages.jsonl   every message, as `MessageRecord` describes
///     node-logs/       what each node wrote on standard error
///     index.html       the report, and beside it its pictures as `.svg`
///
/// The links `STORE/latest` and `STORE/WORKLOAD/latest` point at the run that began last.
public struct RunDirectory: Sendable {
  /// The directory's path, relative if the store's is.
  public let path: String

  /// Makes the directory, and has the links point at it.
  ///
  /// - Parameters:
  ///   - store: The store's path.
  ///   - workload: The workload's name.
  ///   - time: When the run began, since 1970-01-01T00:00:00Z.
  public init(store: String, workload: String, time: Duration) throws(StoreError) {
    var time = time
    var name = Timestamp(time).description
    // Another run of this very millisecond has taken the name.
    while (try? FileSystem.realPath("\(store)/\(workload)/\(name)")) != nil {
      time += .milliseconds(1)
      name = Timestamp(time).description
    }
    path = "\(store)/\(workload)/\(name)"
    try Self.perform(on: nodeLogs) { (path) throws(Errno) in try FileSystem.makeDirectories(path) }
    try Self.perform(on: "\(store)/\(workload)/latest") { (path) throws(Errno) in
      try FileSystem.link(path, to: name)
    }
    try Self.perform(on: "\(store)/latest") { (path) throws(Errno) in
      try FileSystem.link(path, to: "\(workload)/\(name)")
    }
  }

  /// A directory that is there already, or is made: neither links nor names are touched.
  public init(at path: String) throws(StoreError) {
    self.path = path
    try Self.perform(on: path) { (path) throws(Errno) in try FileSystem.makeDirectories(path) }
  }

  /// A directory that is there, to be read.
  init(existing path: String) { self.path = path }

  /// The directory of the nodes' logs.
  public var nodeLogs: String { "\(path)/node-logs" }

  /// Writes `results.json`.
  public func write(_ results: Results) throws(StoreError) { try write(results.text, to: "results.json") }

  /// Writes `results.json` for a run that was not judged, with the reason.
  public func write(withoutResultsBecause reason: String) throws(StoreError) {
    let json: JSONValue = ["failure": .string(reason), "valid?": Validity.unknown.json]
    try write(json.prettyPrinted + "\n", to: "results.json")
  }

  /// Writes `options.json`: the options, and what else decided the run.
  public func write(_ options: TestOptions, with others: JSONObject) throws(StoreError) {
    var json = options.json
    for (key, value) in others { json[key] = value }
    try write(JSONValue.object(json).prettyPrinted + "\n", to: "options.json")
  }

  /// Writes `history.jsonl`.
  public func write(_ history: History) throws(StoreError) {
    try write(lines: history.operations, to: "history.jsonl")
  }

  /// Writes `history.edn` and `results.edn`, as Jepsen's own tools read them.
  public func writeEDN(_ history: History, _ results: Results?) throws(StoreError) {
    try Self.perform(on: "\(path)/history.edn") { (path) throws(Errno) in
      let file = try FileSystem.open(path, for: .replace)
      try EDNHistory.encode(history) { (line) throws(Errno) in
        try line.span.bytes.withUnsafeBytes { (bytes) throws(Errno) in try file.writeAll(bytes) }
      }
    }
    if let results { try write(EDNResults.text(results.json), to: "results.edn") }
  }

  /// Writes what a node logged.
  public func write(log lines: [String], of node: String) throws(StoreError) {
    try write(lines.map { $0 + "\n" }.joined(), to: "node-logs/\(node).log")
  }

  /// What a node has logged, line by line; nothing if there is no log. Of a long one the middle is left
  /// out, with a line that says so.
  public func log(of node: String) -> [String] { LogExcerpt.lines(of: node, in: path) }

  /// Writes `index.html` and the pictures.
  public func write(_ report: Report) throws(StoreError) {
    for file in report.files { try write(file.text, to: file.name) }
  }

  /// Makes `messages.jsonl`, which is written while the run goes on.
  public func makeMessageFile() -> MessageFile { MessageFile(path: "\(path)/\(Self.messages)") }

  /// Writes `messages.jsonl`.
  public func write(_ messages: some Sequence<MessageRecord>) throws(StoreError) {
    let file = makeMessageFile()
    file.append(messages)
    file.close()
    if let problem = file.problem { throw problem }
  }

  /// Reads `messages.jsonl`, in the order in which the messages were sent; nil if it is not there.
  ///
  /// - Parameter isWhole: False for a file that could not be written to its end: a last line that is cut off is
  ///   passed over.
  public func readMessages(isWhole: Bool = true) throws(StoredRunError) -> [MessageRecord]? {
    let path = "\(path)/\(Self.messages)"
    guard (try? FileSystem.realPath(path)) != nil else { return nil }
    do {
      var lines = try FileSystem.contents(of: path).split(
        separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      let rest = lines.popLast() ?? []
      if isWhole, !rest.isEmpty { lines.append(rest) }
      return try lines.map { try MessageRecord(parsing: Array($0)) }.sorted { $0.id < $1.id }
    } catch {
      throw StoredRunError("\(path): \(error)")
    }
  }

  private static let messages = "messages.jsonl"
}

// MARK: - Files

extension RunDirectory {
  /// How many bytes are gathered before they are written: few calls, and the text of a long run
  /// never is in memory as a whole.
  private static let chunkSize = 256 << 10

  private func write(
    lines: some Sequence<some JSONEncodable>, to name: String
  ) throws(StoreError) {
    try Self.perform(on: "\(path)/\(name)") { (path) throws(Errno) in
      let file = try FileSystem.open(path, for: .replace)
      var writer = JSONWriter()
      for line in lines {
        writer.value(line)
        writer.endLine()
        if writer.count >= Self.chunkSize { try Self.flush(&writer, to: file) }
      }
      try Self.flush(&writer, to: file)
    }
  }

  private static func flush(_ writer: inout JSONWriter, to file: borrowing Descriptor) throws(Errno) {
    try writer.withUnsafeBytes { (bytes) throws(Errno) in try file.writeAll(bytes) }
    writer.removeAll(keepingCapacity: true)
  }

  /// Writes a file of some text.
  public func write(_ text: String, to name: String) throws(StoreError) {
    try Self.perform(on: "\(path)/\(name)") { (path) throws(Errno) in
      let file = try FileSystem.open(path, for: .replace)
      try file.writeAll(text)
    }
  }

  private static func perform(
    on path: String, _ body: (String) throws(Errno) -> Void
  ) throws(StoreError) {
    do throws(Errno) {
      try body(path)
    } catch {
      throw StoreError(path: path, reason: error)
    }
  }
}
