public import EddyCheckers
public import EddyHistory
public import EddyNetwork
import EddyNode

/// Reports the counts of messages. The result is always valid.
///
/// `msgs-per-op` is the number of distinct messages divided by the number of all client invocations, final
/// reads included, as in Maelstrom's `net/checker.clj`.
public struct NetworkChecker: Checker {
  /// The counts to report.
  public var statistics: NetworkStatistics

  /// Creates a checker that reports these counts.
  public init(_ statistics: NetworkStatistics) { self.statistics = statistics }

  public func check(_ history: History) -> CheckResult {
    let invocations = history.clientOperations.count { $0.kind == .invoke }
    return CheckResult(
      .valid,
      details: [
        "all": report(statistics.all, operations: invocations),
        "clients": report(statistics.clients),
        "servers": report(statistics.servers, operations: invocations),
      ])
  }

  private func report(_ counts: NetworkStatistics.Class, operations: Int = 0) -> JSONValue {
    var object: JSONObject = [
      "send-count": JSONValue(counts.sendCount),
      "recv-count": JSONValue(counts.receiveCount),
      "msg-count": JSONValue(counts.messageCount),
    ]
    if operations > 0 {
      object["msgs-per-op"] = JSONValue(Double(counts.messageCount) / Double(operations))
    }
    return .object(object)
  }
}

extension Results {
  /// Judges a run by its history and by the counts of its network, if they are known.
  public init(
    history: History, network: NetworkStatistics?, availability: Availability? = nil, workload: some Checker
  ) {
    let net = network.map { NetworkChecker($0).check(history) } ?? CheckResult(.valid)
    self.init(history: history, net: net, availability: availability, workload: workload)
  }

  /// Judges a run that is over, with the workload's own checker.
  public init(of run: TestRun, checker: some Checker) {
    self.init(
      history: run.history, network: run.network.statistics, availability: run.options.availability,
      workload: checker)
  }
}
