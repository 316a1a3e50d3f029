import EddyCheckers
import EddyHistory
import EddyNode
import EddyRun
import EddyStore
import Foundation
import Synchronization
import Testing

/// A run of Maelstrom's whose history and verdict are kept in `Runs`.
struct RecordedRun: Sendable, CustomTestStringConvertible {
  let name: String
  let options: TestOptions
  /// What the node does, right or wrong.
  let node: String
  /// True, false or "unknown", as Maelstrom has it.
  let verdict: JSONValue
  /// What its checkers named.
  let anomalies: Set<String>
  private let recorded = RecordedHistory()

  var testDescription: String { name }

  private static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Runs")

  static let all: [RecordedRun] = {
    let bytes = (try? String(contentsOf: directory.appending(path: "verdicts.json"), encoding: .utf8)) ?? ""
    guard case .array(let runs)? = try? JSONValue(parsing: bytes) else { return [] }
    return runs.compactMap(RecordedRun.init)
  }()

  /// Those whose histories are short: some of every workload.
  static let short = all.filter { run in
    let attributes = try? FileManager.default.attributesOfItem(atPath: run.path)
    return attributes?[.size] as? Int ?? .max < 12_000
  }

  private init?(_ json: JSONValue) {
    guard case .string(let name)? = json["name"], case .string(let workload)? = json["workload"],
      case .string(let node)? = json["node"], let verdict = json["verdict"], let flags = json["flags"]
    else { return nil }
    self.name = name
    self.node = node
    self.verdict = verdict
    anomalies = Set(json["anomalies"]?.texts ?? [])
    options = TestOptions(workload: workload, flags: flags)
  }

  var path: String { Self.directory.appending(path: "\(name).edn.gz").path }

  /// The history, which is read once for all tests.
  func history() throws -> History { try recorded.value(of: path) }

  /// The lines of the history as Maelstrom wrote them.
  func recordedLines() throws -> [Substring] {
    var text: [UInt8] = []
    _ = try ByteStream(path: path).read { text += $0 }
    return String(decoding: text, as: UTF8.self).split(separator: "\n")
  }
}

/// A history that is read when it is first asked for.
private final class RecordedHistory: Sendable {
  private let history = Mutex<History?>(nil)

  func value(of path: String) throws -> History {
    try history.withLock { history in
      if let history { return history }
      let read = try HistoryReader(path: path).history
      history = read
      return read
    }
  }
}

extension TestOptions {
  /// The options of a run of Maelstrom's that bear on the verdict.
  fileprivate init(workload: String, flags: JSONValue) {
    self.init(workload: workload, nodes: ["n0"])
    switch flags["availability"] {
    case .string("total")?: availability = .total
    case .double(let fraction)?: availability = .fraction(fraction)
    case .integer(let fraction)?: availability = .fraction(Double(fraction))
    default: break
    }
    if case .string(let names)? = flags["consistency-models"] {
      consistencyModels = names.split(separator: ",").compactMap { ConsistencyModel(rawValue: String($0)) }
    }
  }
}

extension JSONValue {
  /// The strings of an array.
  var texts: [String] {
    guard case .array(let elements) = self else { return [] }
    return elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }
}
