import EddyEventLoop
import EddyHistory
import EddyNetwork
import EddyNode
import EddyProcess

extension StoredRun {
  /// Where the parts of a stored run are.
  struct Place {
    /// The directory of the run; nil for a history alone.
    let directory: String?
    /// The history's file.
    let history: String

    /// The names under which a history is looked for in a directory, the best first.
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

    /// The messages, if there are records of them.
    func messages() throws(StoredRunError) -> [MessageRecord]? {
      try directory.map(RunDirectory.init(existing:))?.readMessages()
    }

    /// Why there are no messages.
    var missingMessages: String {
      guard let directory, Self.exists("\(directory)/net-journal") else {
        return "Messages are not drawn: no record of them is there."
      }
      return
        "Messages are not drawn: Maelstrom's record of them, net-journal, is in a binary form that is not read."
    }

    /// The nodes' names, where no options tell: those that have a log, that operations name, or that
    /// the nemesis cut off.
    func nodes(in history: History) -> [String] {
      let logged = [0, 1].lazy.map(nodesWithLogs).first { !$0.isEmpty }
      if let logged { return logged }
      var names: [String] = []
      var seen: Set<String> = []
      for entry in history.operations {
        let named = entry.isClient ? entry.node.map { [$0] } ?? [] : entry.isolatedNodes
        for name in named where seen.insert(name).inserted { names.append(name) }
      }
      return names.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
    }

    /// n0, n1, … or n1, n2, … as far as they have logs.
    private func nodesWithLogs(from first: Int) -> [String] {
      guard let directory else { return [] }
      let names = (first...).lazy.map { "n\($0)" }
      return Array(names.prefix { Self.exists("\(directory)/node-logs/\($0).log") })
    }
  }
}

extension Operation {
  /// The nodes that a partition is between, as Jepsen writes it.
  fileprivate var isolatedNodes: [String] {
    guard case .object(let isolated)? = value?.decoded()[1] else { return [] }
    return isolated.keys
  }
}

extension History {
  /// How many threads ran the processes, where no options tell.
  ///
  /// A process that crashes is replaced by one whose number is higher by that: it is the smallest number
  /// for which every higher process has a predecessor that crashed.
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
