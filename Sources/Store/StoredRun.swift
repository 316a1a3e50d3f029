import EddyEventLoop
import EddyHistory
public import EddyNetwork
public import EddyNode
import EddyProcess
public import EddyReport
import EddyRun
import EddyTiming

/// A stored run: Eddy's own directory, one of Maelstrom's, or a history file alone.
public struct StoredRun: Sendable {
  /// The recording to draw and report. It has messages only if Eddy recorded them.
  public let recording: Recording
  /// For each anomaly in the stored results, the entries of the history that show it.
  public let anomalies: [[Int]]
  /// The members of `options.json`; empty if there is none.
  public let options: JSONObject
  /// The workload that the options or the path name; nil if neither does.
  public let workload: String?
  /// The message counts in the stored results; nil if there are none.
  public let network: NetworkStatistics?
  /// Sentences on what the files lack.
  public let warnings: [String]
  /// The directory, if Eddy wrote it.
  public let ownDirectory: String?

  /// Reads the directory of a run.
  public init(directory: String) throws(StoredRunError) { try self.init(path: directory) }

  /// Reads the directory of a run, or a history file.
  public init(path: String) throws(StoredRunError) {
    let location = try Location(path)
    let reader = try HistoryReader(path: location.history)
    let warnings = reader.warnings
    let history = reader.history
    let options = try location.options()
    if case .object(let members)? = options { self.options = members } else { self.options = [:] }
    workload = Self.workload(options, path)
    let results = try location.results()
    network = results?["net"].flatMap(NetworkStatistics.init)
    anomalies = results.map(Self.anomalies) ?? []
    ownDirectory = options == nil ? nil : location.directory

    let nodes = options?["nodes"]?.strings ?? location.nodes(in: history)
    let concurrency = options?["concurrency"]?.integer ?? history.concurrency
    guard concurrency > 0, options == nil || !nodes.isEmpty else {
      throw StoredRunError("\(path)/options.json does not name the nodes and the concurrency")
    }
    let messages = try location.messages()
    let logs = nodes.map { node in location.directory.map { LogExcerpt.lines(of: node, in: $0) } ?? [] }
    var recording = Recording(
      nodes: nodes, concurrency: concurrency, history: history, messages: messages ?? [], logs: logs,
      marks: Self.origin(options).map { LogText.marks(of: logs, origin: $0) } ?? [])
    recording.notes = options?["notes"]?.strings ?? []
    if messages == nil { recording.notes.append(location.missingMessages) }
    self.recording = recording
    self.warnings = warnings
  }

  /// The workload that the options name, or else a component of the path: a store has a directory for each
  /// workload.
  private static func workload(_ options: JSONValue?, _ path: String) -> String? {
    if case .string(let name)? = options?["workload"] { return name }
    let parts = ((try? FileSystem.realPath(path)) ?? path).split(separator: "/").reversed()
    return parts.prefix(3).lazy.map(String.init).first(where: WorkloadRegistry.names.contains)
  }

  /// The start of operations on the nodes' clock; nil if it is not known.
  private static func origin(_ options: JSONValue?) -> Instant? {
    guard case .integer(let nanoseconds)? = options?["origin"] else { return nil }
    return try? Instant(recorded: nanoseconds)
  }

  /// The entries of each anomaly in all parts of the results, the workload's first.
  private static func anomalies(_ results: JSONValue) -> [[Int]] {
    guard case .object(let parts) = results else { return [] }
    let workload = parts["workload"].map { [$0] } ?? []
    let all = workload + parts.filter { $0.key != "workload" }.map(\.value)
    return all.flatMap { part in
      guard case .array(let anomalies)? = part["anomalies"] else { return [[Int]]() }
      return anomalies.compactMap { $0["operations"]?.integers }
    }.filter { !$0.isEmpty }
  }
}

/// The reason why a directory or a file cannot be read as a run or a history.
public struct StoredRunError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

extension NetworkStatistics {
  /// Reads the member `net` of results; nil if it is missing.
  fileprivate init?(_ json: JSONValue) {
    func counts(_ name: String) -> Class? {
      guard let sent = json[name]?["send-count"]?.integer, let received = json[name]?["recv-count"]?.integer
      else { return nil }
      return Class(sendCount: sent, receiveCount: received)
    }
    guard let clients = counts("clients"), let servers = counts("servers") else { return nil }
    self.init(clients: clients, servers: servers)
  }
}

extension JSONValue {
  /// The integers of an array.
  fileprivate var integers: [Int] {
    guard case .array(let elements) = self else { return [] }
    return elements.compactMap(\.integer)
  }

  fileprivate var integer: Int? { if case .integer(let integer) = self { Int(integer) } else { nil } }
}
