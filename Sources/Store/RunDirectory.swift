public import EddyCheckers
import EddyEventLoop
public import EddyHistory
public import EddyNetwork
public import EddyNode
import EddyProcess
public import EddyReport
public import EddyRun
import EddySimulation

/// The directory of a run's files: `STORE/WORKLOAD/TIME`, as in Maelstrom's store.
///
///     options.json     the options of the run
///     results.json     the results of the checkers
///     history.jsonl    every operation, as `HistoryFile` describes
///     messages.jsonl   every message, as `MessageRecord` describes
///     node-logs/       the standard error of each node
///     node-data/       a directory for each node whose arguments ask for one
///     index.html       the report; its pictures are `.svg` files beside it
///
/// The links `STORE/latest` and `STORE/WORKLOAD/latest` point to the run that was started last.
public struct RunDirectory: Sendable {
  /// The path of the directory, relative if the store's path is.
  public let path: String

  /// Creates the directory and points the links to it.
  ///
  /// - Parameters:
  ///   - store: The path of the store.
  ///   - workload: The name of the workload.
  ///   - time: The start of the run, since 1970-01-01T00:00:00Z.
  public init(store: String, workload: String, time: Duration) throws(StoreError) {
    var time = time
    var name = CalendarTime(time).description
    // The name is taken by another run of this millisecond.
    while (try? FileSystem.realPath("\(store)/\(workload)/\(name)")) != nil {
      time += .milliseconds(1)
      name = CalendarTime(time).description
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

  /// Uses the directory at `path`, and creates it if it does not exist. The links do not change.
  public init(at path: String) throws(StoreError) {
    self.path = path
    try Self.perform(on: path) { (path) throws(Errno) in try FileSystem.makeDirectories(path) }
  }

  /// Uses an existing directory, for reading.
  init(existing path: String) { self.path = path }

  /// The path of the directory of the nodes' logs.
  public var nodeLogs: String { "\(path)/node-logs" }

  /// The path of the directory of the nodes' own directories, which may not exist.
  public var nodeData: String { "\(path)/node-data" }

  /// Writes `results.json`.
  public func write(_ results: Results) throws(StoreError) { try write(results.text, to: "results.json") }

  /// Writes `results.json` for a run that could not be judged, with the reason.
  public func write(withoutResultsBecause reason: String) throws(StoreError) {
    let json: JSONValue = ["failure": .string(reason), "valid?": Validity.unknown.json]
    try write(json.prettyPrinted + "\n", to: "results.json")
  }

  /// Writes `options.json`: the options and additional members.
  public func write(_ options: TestOptions, with others: JSONObject) throws(StoreError) {
    var json = options.json
    for (key, value) in others { json[key] = value }
    try write(JSONValue.object(json).prettyPrinted + "\n", to: "options.json")
  }

  /// Writes `history.jsonl`.
  public func write(_ history: History) throws(StoreError) {
    try write(lines: history.operations, to: "history.jsonl")
  }

  /// Writes `history.edn` and `results.edn` in Jepsen's format.
  public func writeEDN(_ history: History, _ results: Results?) throws(StoreError) {
    try Self.perform(on: "\(path)/history.edn") { (path) throws(Errno) in
      let file = try FileSystem.open(path, for: .replace)
      try EDNHistoryWriter.encode(history) { (line) throws(Errno) in
        try line.span.bytes.withUnsafeBytes { (bytes) throws(Errno) in try file.writeAll(bytes) }
      }
    }
    if let results { try write(EDNResults.text(results.json), to: "results.edn") }
  }

  /// Writes the log of a node.
  public func write(log lines: [String], of node: String) throws(StoreError) {
    try write(lines.map { $0 + "\n" }.joined(), to: "node-logs/\(node).log")
  }

  /// Reads the log of a node, line by line. Empty if there is none. The middle of a long log is replaced by a
  /// line that counts what is left out.
  public func log(of node: String) -> [String] { LogExcerpt.lines(of: node, in: path) }

  /// Writes `index.html` and the pictures.
  public func write(_ report: Report) throws(StoreError) {
    for file in report.files { try write(file.text, to: file.name) }
  }

  /// Creates `messages.jsonl`, to be written during the run.
  public func makeMessageFile() -> MessageFile { MessageFile(path: "\(path)/\(Self.messages)") }

  /// Writes `messages.jsonl`.
  public func write(_ messages: some Sequence<MessageRecord>) throws(StoreError) {
    let file = makeMessageFile()
    file.append(messages)
    file.close()
    if let problem = file.problem { throw problem }
  }

  /// Reads `messages.jsonl` and sorts it in the order of sending. Nil if the file does not exist.
  ///
  /// - Parameter isWhole: False if the file could not be written completely; then an incomplete last line is
  ///   ignored.
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
  /// The number of bytes buffered before they are written. A long history is never in memory as text as a
  /// whole.
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

  /// Writes text to a file in the directory.
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
