import EddyHistory

/// The analysis of a history of kafka clients: all findings, and the logs inferred.
///
/// The definitions are those of Jepsen's `tests/kafka.clj` as Maelstrom configures it: clients are assigned
/// their keys, and an operation is one send or one poll. Jepsen's search for transaction cycles considers
/// only dependencies from sends to polls, so here it reduces to polls that precede their sends.
struct KafkaAnalysis {
  let history: KafkaHistory
  let logs: [KafkaLog]
  private(set) var findings: [KafkaFinding] = []

  /// The observed state of a record.
  struct Status {
    /// The last operation that sent it; nil if none did.
    var writer: Int?
    /// The first operation that polled it; nil if none did.
    var reader: Int?
    /// Whether an `ok` operation polled it.
    var isRead = false
    /// Whether a failed operation sent it.
    var isAborted = false
  }

  let statuses: [Status]

  /// - Complexity: O(n log n) in the size of the history.
  init(_ history: KafkaHistory) {
    self.history = history
    statuses = Self.statuses(history)
    logs = Self.logs(history, statuses)
    findLogErrors()
    findLostWrites()
    findImpossibleReads()
    findErrorsWithinOperations()
    findErrorsBetweenOperations()
    findUnseen()
  }

  mutating func report(_ finding: KafkaFinding) { findings.append(finding) }

  private static func statuses(_ history: KafkaHistory) -> [Status] {
    var statuses = Array(repeating: Status(), count: history.records.count)
    for (index, operation) in history.operations.enumerated() {
      for write in operation.writes {
        statuses[write.record].writer = index
        if operation.outcome == .fail { statuses[write.record].isAborted = true }
      }
      for read in operation.reads.lazy.flatMap(\.sightings) {
        if statuses[read.record].reader == nil { statuses[read.record].reader = index }
        if operation.outcome == .ok { statuses[read.record].isRead = true }
      }
    }
    return statuses
  }

  /// Whether an operation certainly took effect: it succeeded, or one of its records was polled.
  private static func hasCommitted(_ operation: KafkaHistory.ClientOperation, _ statuses: [Status]) -> Bool {
    switch operation.outcome {
    case .ok: true
    case .info: operation.writes.contains { statuses[$0.record].isRead }
    case .fail, .invoke: false
    }
  }

  /// The log of each key, from all polls and from the sends that certainly took effect.
  private static func logs(_ history: KafkaHistory, _ statuses: [Status]) -> [KafkaLog] {
    var observations: [[Int: [KafkaLog.Observation]]] = Array(repeating: [:], count: history.keys.count)
    func observe(_ sighting: KafkaHistory.Sighting, by operation: Int) {
      guard let offset = sighting.offset, offset >= 0 else { return }
      let key = history.records[sighting.record].key
      guard observations[key][offset]?.contains(where: { $0.record == sighting.record }) != true else {
        return
      }
      observations[key][offset, default: []].append(
        KafkaLog.Observation(record: sighting.record, operation: operation))
    }
    for (index, operation) in history.operations.enumerated() {
      if hasCommitted(operation, statuses) { for write in operation.writes { observe(write, by: index) } }
      for read in operation.reads { for sighting in read.sightings { observe(sighting, by: index) } }
    }
    return observations.map { KafkaLog($0) }
  }
}

// MARK: - The logs

extension KafkaAnalysis {
  private mutating func findLogErrors() {
    for (key, log) in logs.enumerated() {
      for entry in log.entries where entry.observations.count > 1 {
        report(
          KafkaFinding(
            kind: .inconsistentOffsets, key: key, records: entry.observations.map(\.record),
            operations: entry.observations.map(\.operation), offsets: [entry.offset],
            severity: entry.observations.count))
      }
      for (record, observations) in log.duplicates {
        report(
          KafkaFinding(
            kind: .duplicate, key: key, records: [record], operations: observations.map(\.operation),
            offsets: observations.map(\.offset), severity: observations.count))
      }
    }
  }

  /// Finds committed records that no operation polled although a later record of the log was polled.
  ///
  /// With inconsistent or duplicate offsets, the first index of the polled record and the last index of the
  /// missing one count, so that there are no false positives.
  private mutating func findLostWrites() {
    var furthest: [Int: (index: Int, record: Int)] = [:]
    for record in statuses.indices where statuses[record].isRead {
      let key = history.records[record].key
      guard let index = logs[key].firstIndex(of: record), index > furthest[key]?.index ?? -1 else { continue }
      furthest[key] = (index, record)
    }
    for (key, log) in logs.enumerated() {
      guard let furthest = furthest[key] else { continue }
      for (index, entry) in log.entries[...furthest.index].enumerated() {
        for observation in entry.observations where log.lastIndex(of: observation.record) == index {
          let status = statuses[observation.record]
          guard !status.isRead, let writer = status.writer,
            Self.hasCommitted(history.operations[writer], statuses)
          else {
            continue
          }
          report(
            KafkaFinding(
              kind: .lostWrite, key: key, records: [observation.record, furthest.record],
              operations: [writer] + (statuses[furthest.record].reader.map { [$0] } ?? []),
              offsets: [entry.offset]))
        }
      }
    }
  }

  /// Finds acknowledged records that no operation polled.
  private mutating func findUnseen() {
    var unseen: [Int: [Int]] = [:]
    for (record, status) in statuses.enumerated() where !status.isRead {
      guard let writer = status.writer, history.operations[writer].outcome == .ok else { continue }
      unseen[history.records[record].key, default: []].append(record)
    }
    for (key, records) in unseen.sorted(by: { $0.key < $1.key }) {
      report(
        KafkaFinding(
          kind: .unseen, key: key, records: records, operations: records.compactMap { statuses[$0].writer },
          severity: records.count))
    }
  }
}

// MARK: - Single reads

extension KafkaAnalysis {
  private mutating func findImpossibleReads() {
    var reported: Set<Int> = []
    for (index, operation) in history.operations.enumerated() {
      let own = Set(operation.writes.map(\.record))
      for (key, sightings) in operation.reads {
        for record in sightings.lazy.map(\.record) {
          if let kind = impossibility(of: record, in: operation, own), reported.insert(record).inserted {
            let operations = [index] + (statuses[record].writer.map { [$0] } ?? [])
            report(KafkaFinding(kind: kind, key: key, records: [record], operations: operations))
          }
        }
      }
    }
  }

  private func impossibility(
    of record: Int, in operation: KafkaHistory.ClientOperation, _ own: Set<Int>
  ) -> KafkaFinding.Kind? {
    if own.contains(record) { return .precommittedRead }
    guard let writer = statuses[record].writer else { return .unwrittenRead }
    guard operation.outcome == .ok else { return nil }
    if statuses[record].isAborted { return .abortedRead }
    return operation.index < history.operations[writer].invocation ? .prematureRead : nil
  }
}
