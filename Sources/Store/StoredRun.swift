import EddyEventLoop
import EddyHistory
public import EddyNetwork
public import EddyNode
import EddyProcess
public import EddyReport
import EddyRun
import EddyTiming

/// What a run left behind, read back: Eddy's own directory, one of Maelstrom's, or a history alone.
public struct StoredRun: Sendable {
  /// What is drawn and reported. Messages are there only if Eddy carried them.
  public let recording: Recording
  /// For each anomaly that the checkers found, the entries of the history that show it.
  public let anomalies: [[Int]]
  /// The members of `options.json`; empty where there is none.
  public let options: JSONObject
  /// The workload, if the options or the path name it.
  public let workload: String?
  /// What the network carried, if the stored results tell.
  public let network: NetworkStatistics?
  /// What is missing, in sentences.
  public let warnings: [String]
  /// The directory, if it is one that Eddy wrote.
  public let ownDirectory: String?

  /// Reads the files of a directory that a run has left.
  public init(directory: String) throws(StoredRunError) { try self.init(path: directory) }

  /// Reads a directory that a run has left, or a history file.
  public init(path: String) throws(StoredRunError) {
    let place = try Place(path)
    let reader = try HistoryReader(path: place.history)
    let warnings = reader.warnings
    let history = reader.history
    let options = try place.options()
    if case .object(let members)? = options { self.options = members } else { self.options = [:] }
    workload = Self.workload(options, path)
    let results = try place.results()
    network = results?["net"].flatMap(NetworkStatistics.init)
    anomalies = results.map(Self.anomalies) ?? []
    ownDirectory = options == nil ? nil : place.directory

    let nodes = options?["nodes"]?.strings ?? place.nodes(in: history)
    let concurrency = options?["concurrency"]?.integer ?? history.concurrency
    guard concurrency > 0, options == nil || !nodes.isEmpty else {
      throw StoredRunError("\(path)/options.json does not name the nodes and the concurrency")
    }
    let messages = try place.messages()
    let logs = nodes.map { node in place.directory.map { LogExcerpt.lines(of: node, in: $0) } ?? [] }
    var recording = Recording(
      nodes: nodes, concurrency: concurrency, history: history, messages: messages ?? [], logs: logs,
      marks: Self.origin(options).map { LogText.marks(of: logs, origin: $0) } ?? [])
    recording.notes = options?["notes"]?.strings ?? []
    if messages == nil { recording.notes.append(place.missingMessages) }
    self.recording = recording
    self.warnings = warnings
  }

  /// The workload that the options name, or else the path: a store has a directory for each.
  private static func workload(_ options: JSONValue?, _ path: String) -> String? {
    if case .string(let name)? = options?["workload"] { return name }
    let parts = ((try? FileSystem.realPath(path)) ?? path).split(separator: "/").reversed()
    return parts.prefix(3).lazy.map(String.init).first(
      where: (WorkloadRegistry.names + WorkloadRegistry.missing).contains)
  }

  /// The start of operations on the nodes' clock, if it is known.
  private static func origin(_ options: JSONValue?) -> Instant? {
    guard case .integer(let nanoseconds)? = options?["origin"] else { return nil }
    return try? Instant(recorded: nanoseconds)
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
}

/// Why a directory is not that of a run, or a file not a history.
public struct StoredRunError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

extension NetworkStatistics {
  /// Reads what results have under `net`; nil if that is not there.
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
  /// The strings of an array.
  fileprivate var strings: [String]? {
    guard case .array(let elements) = self else { return nil }
    return elements.compactMap { if case .string(let string) = $0 { string } else { nil } }
  }

  /// The integers of an array.
  fileprivate var integers: [Int] {
    guard case .array(let elements) = self else { return [] }
    return elements.compactMap(\.integer)
  }

  fileprivate var integer: Int? { if case .integer(let integer) = self { Int(integer) } else { nil } }
}
