import EddyHistory
import EddyNode
import EddyTiming

/// The report on an analysis: details for programs under Jepsen's names, anomalies in sentences.
struct KafkaReport {
  let analysis: KafkaAnalysis
  let history: History
  /// The findings by kind, the most severe first.
  private let findings: [(kind: KafkaFinding.Kind, found: [KafkaFinding])]

  init(_ analysis: KafkaAnalysis, _ history: History) {
    self.analysis = analysis
    self.history = history
    let byKind = Dictionary(grouping: analysis.findings, by: \.kind)
    findings = KafkaFinding.Kind.allCases.compactMap { kind in
      byKind[kind].map { found in
        (
          kind,
          found.enumerated().sorted { (-$0.element.severity, $0.offset) < (-$1.element.severity, $1.offset) }
            .map(\.element)
        )
      }
    }
  }

  var anomalies: [Anomaly] {
    findings.filter { !$0.kind.isAllowed }.flatMap { kind, found in
      var anomalies = Anomaly.group(kind.rawValue, found, diagnosis(kind, found), explain: explain)
      if kind == .unseen, !anomalies.isEmpty {
        anomalies[0].count = found.map(\.records.count).reduce(0, +)
      }
      return anomalies
    }
  }
}

// MARK: - Details

extension KafkaReport {
  private static let shown = 8
  private static let unseenShown = 32

  var details: JSONObject {
    var details = JSONObject()
    for (kind, found) in findings {
      details[kind.rawValue] = kind == .unseen ? unseen(found) : summary(found)
    }
    details["worst-realtime-lag"] = worstLag
    details["bad-error-types"] = names { !$0.isAllowed }
    details["error-types"] = names { _ in true }
    details["info-txn-causes"] = .array(indefiniteCauses.map { .string($0) })
    return details
  }

  private func names(where isIncluded: (KafkaFinding.Kind) -> Bool) -> JSONValue {
    .array(findings.map(\.kind).filter(isIncluded).map(\.rawValue).sorted().map { .string($0) })
  }

  private func summary(_ found: [KafkaFinding]) -> JSONValue {
    ["count": JSONValue(found.count), "errs": .array(found.prefix(Self.shown).map(json))]
  }

  private func json(_ finding: KafkaFinding) -> JSONValue {
    [
      "key": .string(key(finding)),
      "values": .array(finding.records.map(message)),
      "offsets": .array(finding.offsets.map { JSONValue($0) }),
      "operations": .array(entries(finding).map { JSONValue($0) }),
    ]
  }

  private func unseen(_ found: [KafkaFinding]) -> JSONValue {
    var counts = JSONObject()
    var messages = JSONObject()
    for finding in found {
      counts[key(finding)] = JSONValue(finding.records.count)
      messages[key(finding)] = .array(finding.records.prefix(Self.unseenShown).map(message))
    }
    return ["unseen": .object(counts), "messages": .object(messages)]
  }

  private var worstLag: JSONValue {
    let lag = KafkaLag.worst(analysis.history) { history.operations[$0].time }
    var details: JSONObject = [
      "time": .double(Double(lag.time.nanoseconds) / 1e9), "lag": .double(Double(lag.nanoseconds) / 1e9),
    ]
    details["key"] = lag.key.map { .string(analysis.history.keys[$0]) }
    if case .client(let process) = lag.process { details["process"] = JSONValue(process) }
    return .object(details)
  }

  /// The distinct reasons why the outcome of sends and polls is unknown, in the order of occurrence.
  private var indefiniteCauses: [String] {
    var causes: [String] = []
    for operation in analysis.history.operations where operation.accessesLogs && operation.outcome == .info {
      let cause = history.operations[operation.index].error?.description ?? "no answer"
      if !causes.contains(cause) { causes.append(cause) }
    }
    return causes
  }

  func key(_ finding: KafkaFinding) -> String { analysis.history.keys[finding.key] }

  private func message(_ record: Int) -> JSONValue { analysis.history.records[record].message.decoded() }

  func entries(_ finding: KafkaFinding) -> [Int] {
    finding.operations.prefix(Anomaly.operationLimit).map { analysis.history.operations[$0].index }
  }
}
