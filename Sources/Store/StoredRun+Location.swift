import EddyEventLoop
import EddyHistory
import EddyNetwork
import EddyNode
import EddyProcess

extension StoredRun {
  /// The paths of a stored run's files.
  struct Location {
    /// The run's directory; nil if there is only a history.
    let directory: String?
    /// The path of the history.
    let history: String

    /// The names of a history in a directory, in order of preference.
    private static let histories = ["history.jsonl", "history.jsonl.gz", "history.edn", "history.edn.gz"]

    init(_ path: String) throws(StoredRunError) {
      let found = Self.histories.lazy.map { "\(path)/\($0)" }.first(where: Self.exists)
      if let found {
        (directory, history) = (path, found)
      } else if Self.exists("\(path)/.") {
        throw StoredRunError(
          "\(path) has no history: neither history.jsonl nor history.edn, nor either in gzip")
      } else {
        (directory, history) = (nil, path)
      }
    }

    private static func exists(_ path: String) -> Bool { (try? FileSystem.realPath(path)) != nil }

    func options() throws(StoredRunError) -> JSONValue? {
      guard let path = directory.map({ "\($0)/options.json" }), Self.exists(path) else { return nil }
      do {
        return try JSONValue(parsing: String(decoding: try FileSystem.contents(of: path), as: UTF8.self))
      } catch {
        throw StoredRunError("\(path): \(error)")
      }
    }

    func results() throws(StoredRunError) -> JSONValue? {
      guard let directory else { return nil }
      return try StoredResults.read(directory)
    }

    /// The records of messages; nil if there are none.
    func messages() throws(StoredRunError) -> [MessageRecord]? {
      try directory.map(RunDirectory.init(existing:))?.readMessages()
    }

    /// A sentence that explains why there are no messages.
    var missingMessages: String {
      guard let directory, Self.exists("\(directory)/net-journal") else {
        return "Messages are not drawn: there is no record of them."
      }
      return
        "Messages are not drawn: Maelstrom's net-journal has a binary format that Eddy does not read."
    }

    /// The nodes' names, for a run without options: the nodes that have a log, or else those that operations
    /// or partitions name.
    func nodes(in history: History) -> [String] {
      let logged = [0, 1].lazy.map(nodesWithLogs).first { !$0.isEmpty }
      if let logged { return logged }
      var names = Set(history.clientOperations.compactMap(\.node))
      for fault in history.faults {
        guard let partition = fault.record as? PartitionFault else { continue }
        names.formUnion(partition.isolated.map(\.node))
      }
      return names.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
    }

    /// Names from n`first` on, as long as a node of that name has a log.
    private func nodesWithLogs(from first: Int) -> [String] {
      guard let directory else { return [] }
      let names = (first...).lazy.map { "n\($0)" }
      return Array(names.prefix { Self.exists("\(directory)/node-logs/\($0).log") })
    }
  }
}

extension History {
  /// The number of client threads, for a run without options.
  ///
  /// A crashed process is replaced by one whose number is higher by this number. The result is the smallest
  /// number for which every higher process has a predecessor that crashed.
  var concurrency: Int {
    var processes: Set<Int> = []
    var crashed: Set<Int> = []
    for entry in clientOperations {
      guard case .client(let number) = entry.process else { continue }
      processes.insert(number)
      if entry.kind == .info { crashed.insert(number) }
    }
    let ordered = processes.sorted()
    guard let last = ordered.last, last < Int.max else { return 1 }
    return (1...ordered.count).first { count in
      ordered.allSatisfy { $0 < count || crashed.contains($0 - count) }
    } ?? last + 1
  }
}
