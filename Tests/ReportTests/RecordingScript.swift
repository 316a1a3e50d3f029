import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyReport
import EddyRun
import EddySimulation
import EddyStore
import EddyTiming
import EddyWorkloads
import HistoryScripts

/// A message as a test writes it: from when to when it travels, in milliseconds, and with what fate.
struct Trip {
  var source: String
  var destination: String
  var type: String
  var sent: Int
  var received: [Int] = []
  var dropped: [(time: Int, fate: Journal.Fate)] = []
  var payload = "{}"
}

/// A message that arrives.
func message(
  _ source: String, _ destination: String, _ type: String, _ sent: Int, _ received: Int...,
  payload: String = "{}"
) -> Trip {
  Trip(source: source, destination: destination, type: type, sent: sent, received: received, payload: payload)
}

/// A message that is lost.
func lost(
  _ source: String, _ destination: String, _ type: String, _ sent: Int, at time: Int, _ fate: Journal.Fate
) -> Trip {
  Trip(source: source, destination: destination, type: type, sent: sent, dropped: [(time, fate)])
}

extension Trip {
  /// The message as a run would have recorded it.
  fileprivate func record(_ id: Int) -> MessageRecord {
    let body = #"{"type":\#(RawJSON(string: type)),"payload":\#(payload)}"#
    let message = #"{"src":"\#(source)","dest":"\#(destination)","body":\#(body)}"#
    let drops = dropped.map { #"[\#($0.time.ms.nanoseconds),"\#($0.fate.rawValue)"]"# }.joined(separator: ",")
    let line =
      #"{"id":\#(id),"sent":\#(sent.ms.nanoseconds),"received":\#(received.map(\.ms.nanoseconds)),"#
      + #""dropped":[\#(drops)],"message":\#(message)}"#
    guard let record = try? MessageRecord(parsing: Array(line.utf8)) else {
      preconditionFailure("no record: \(line)")
    }
    return record
  }
}

extension Recording {
  /// A recording of messages in the order of sending, and of operations whose client `k` is called
  /// `ck`.
  init(nodes: [String], _ spans: [Span], _ trips: [Trip], nemesis: [Operation] = [], logs: [[String]] = []) {
    var entries = History(spans).operations + nemesis
    for index in entries.indices {
      if case .client(let number) = entries[index].process { entries[index].client = "c\(number)" }
    }
    let inOrder = entries.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
    let messages = trips.enumerated().map { id, trip in trip.record(id) }
    self.init(
      nodes: nodes, concurrency: max(1, spans.count), history: History(inOrder.map(\.element)),
      messages: messages,
      logs: logs, marks: LogText.marks(of: logs, origin: .zero))
  }

  /// A recording without operations.
  init(nodes: [String], _ trips: [Trip], logs: [[String]] = []) {
    self.init(nodes: nodes, [], trips, logs: logs)
  }

  /// A cluster of broadcast nodes with faults, in virtual time.
  static func broadcast(
    nodes: Int = 5, faults: [Fault] = [.partition, .loss, .duplicate, .kill], seed: UInt64 = 5
  ) -> (
    recording: Recording, results: Results, options: TestOptions
  ) {
    let options = TestOptions(
      workload: "broadcast", nodes: TestOptions.nodeNames(nodes), timeLimit: .seconds(6), rate: 20,
      latency: Latency(mean: 40, distribution: .exponential), faults: faults, nemesisInterval: .seconds(1),
      seed: seed)
    let run = TestRun(options, workload: BroadcastWorkload(options))
    let cluster = SimulatedCluster(run) { _ in Broadcast() }
    cluster.runToEnd()
    let results = Results(
      history: run.history, network: run.network.statistics, workload: SetFullChecker(add: "broadcast"))
    return (Recording(run, log: cluster.log), results, options)
  }
}
