import EddyHistory

/// Everything that is wrong with a history of kafka clients.
///
/// The definitions are those of Jepsen's `tests/kafka.clj`, as Maelstrom configures it: clients are
/// assigned their keys, an operation is one send or one poll. Its search for cycles among
/// transactions comes down to polls that precede their sends, since no other dependencies than from
/// sends to polls are looked at there.
struct KafkaAnalysis {
  let history: KafkaHistory
  let logs: [KafkaLog]
  private(set) var findings: [KafkaFinding] = []

  /// What is known of each record.
  struct Fate {
    /// The last step that sent it.
    var writer: Int?
    /// The first step that polled it.
    var reader: Int?
    /// Whether a step polled it and succeeded.
    var isRead = false
    /// Whether a step that failed had sent it.
    var isAborted = false
  }

  let fates: [Fate]

  /// - Complexity: O(n log n) in the size of the history.
  init(_ history: KafkaHistory) {
    self.history = history
    fates = Self.fates(history)
    logs = Self.logs(history, fates)
    findLogErrors()
    findLostWrites()
    findImpossibleReads()
    findErrorsWithinSteps()
    findErrorsBetweenSteps()
    findUnseen()
  }

  mutating func report(_ finding: KafkaFinding) { findings.append(finding) }

  private static func fates(_ history: KafkaHistory) -> [Fate] {
    var fates = Array(repeating: Fate(), count: history.records.count)
    for (place, step) in history.steps.enumerated() {
      for write in step.writes {
        fates[write.record].writer = place
        if step.outcome == .fail { fates[write.record].isAborted = true }
      }
      for read in step.reads.lazy.flatMap(\.sightings) {
        if fates[read.record].reader == nil { fates[read.record].reader = place }
        if step.outcome == .ok { fates[read.record].isRead = true }
      }
    }
    return fates
  }

  /// Whether a step certainly took effect: it succeeded, or something that it sent was polled.
  private static func hasCommitted(_ step: KafkaHistory.Step, _ fates: [Fate]) -> Bool {
    switch step.outcome {
    case .ok: true
    case .info: step.writes.contains { fates[$0.record].isRead }
    case .fail, .invoke: false
    }
  }

  /// What polls returned, whatever became of them, and the sends that certainly took effect.
  private static func logs(_ history: KafkaHistory, _ fates: [Fate]) -> [KafkaLog] {
    var claims: [[Int: [KafkaLog.Claim]]] = Array(repeating: [:], count: history.keys.count)
    func claim(_ sighting: KafkaHistory.Sighting, by step: Int) {
      guard let offset = sighting.offset, offset >= 0 else { return }
      let key = history.records[sighting.record].key
      guard claims[key][offset]?.contains(where: { $0.record == sighting.record }) != true else { return }
      claims[key][offset, default: []].append(KafkaLog.Claim(record: sighting.record, witness: step))
    }
    for (place, step) in history.steps.enumerated() {
      if hasCommitted(step, fates) { for write in step.writes { claim(write, by: place) } }
      for read in step.reads { for sighting in read.sightings { claim(sighting, by: place) } }
    }
    return claims.map { KafkaLog($0) }
  }
}

// MARK: - The logs

extension KafkaAnalysis {
  private mutating func findLogErrors() {
    for (key, log) in logs.enumerated() {
      for entry in log.entries where entry.claims.count > 1 {
        report(
          KafkaFinding(
            kind: .inconsistentOffsets, key: key, records: entry.claims.map(\.record),
            steps: entry.claims.map(\.witness), offsets: [entry.offset], severity: entry.claims.count))
      }
      for (record, claims) in log.duplicates {
        report(
          KafkaFinding(
            kind: .duplicate, key: key, records: [record], steps: claims.map(\.witness),
            offsets: claims.map(\.offset), severity: claims.count))
      }
    }
  }

  /// Once a record has been polled, those before it should have been too.
  ///
  /// Where a record is at several offsets, or several are at one, the first index of what was polled
  /// and the last of what should have been count, so that nobody is accused wrongly.
  private mutating func findLostWrites() {
    var furthest: [Int: (index: Int, record: Int)] = [:]
    for record in fates.indices where fates[record].isRead {
      let key = history.records[record].key
      guard let index = logs[key].firstIndex(of: record), index > furthest[key]?.index ?? -1 else { continue }
      furthest[key] = (index, record)
    }
    for (key, log) in logs.enumerated() {
      guard let furthest = furthest[key] else { continue }
      for (index, entry) in log.entries[...furthest.index].enumerated() {
        for claim in entry.claims where log.lastIndex(of: claim.record) == index {
          let fate = fates[claim.record]
          guard !fate.isRead, let writer = fate.writer, Self.hasCommitted(history.steps[writer], fates) else {
            continue
          }
          report(
            KafkaFinding(
              kind: .lostWrite, key: key, records: [claim.record, furthest.record],
              steps: [writer] + (fates[furthest.record].reader.map { [$0] } ?? []), offsets: [entry.offset]))
        }
      }
    }
  }

  /// Acknowledged, but never polled by anybody.
  private mutating func findUnseen() {
    var unseen: [Int: [Int]] = [:]
    for (record, fate) in fates.enumerated() where !fate.isRead {
      guard let writer = fate.writer, history.steps[writer].outcome == .ok else { continue }
      unseen[history.records[record].key, default: []].append(record)
    }
    for (key, records) in unseen.sorted(by: { $0.key < $1.key }) {
      report(
        KafkaFinding(
          kind: .unseen, key: key, records: records, steps: records.compactMap { fates[$0].writer },
          severity: records.count))
    }
  }
}

// MARK: - Single reads

extension KafkaAnalysis {
  private mutating func findImpossibleReads() {
    var reported: Set<Int> = []
    for (place, step) in history.steps.enumerated() {
      let own = Set(step.writes.map(\.record))
      for (key, sightings) in step.reads {
        for record in sightings.lazy.map(\.record) {
          if let kind = impossibility(of: record, in: step, own), reported.insert(record).inserted {
            let steps = [place] + (fates[record].writer.map { [$0] } ?? [])
            report(KafkaFinding(kind: kind, key: key, records: [record], steps: steps))
          }
        }
      }
    }
  }

  private func impossibility(
    of record: Int, in step: KafkaHistory.Step, _ own: Set<Int>
  ) -> KafkaFinding.Kind? {
    if own.contains(record) { return .precommittedRead }
    guard let writer = fates[record].writer else { return .unwrittenRead }
    guard step.outcome == .ok else { return nil }
    if fates[record].isAborted { return .abortedRead }
    return step.index < history.steps[writer].invocation ? .prematureRead : nil
  }
}
