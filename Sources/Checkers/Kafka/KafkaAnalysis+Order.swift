import EddyHistory

// Whether clients see, and send, each log in order and without gaps.

extension KafkaAnalysis {
  /// A pair of records of one key that a client met one after the other.
  private struct Pair {
    var key: Int
    var first: Int?
    var second: Int?
    /// The steps that met them.
    var steps: [Int]
  }

  /// Reports a pair that is out of order, or that has something between. Where it is not known where
  /// they are, nothing can be said.
  private mutating func check(_ pair: Pair, skip: KafkaFinding.Kind?, nonmonotonic: KafkaFinding.Kind) {
    let log = logs[pair.key]
    guard let first = pair.first, let second = pair.second,
      let distance = log.distance(from: first, to: second)
    else { return }
    if distance < 1 {
      report(
        KafkaFinding(
          kind: nonmonotonic, key: pair.key, records: [first, second], steps: pair.steps,
          offsets: [log.offset(of: first), log.offset(of: second)].compactMap(\.self), severity: -distance))
    } else if distance > 1, let skip {
      report(
        KafkaFinding(
          kind: skip, key: pair.key, records: [first, second], steps: pair.steps,
          offsets: log.offsets(between: first, and: second), severity: distance))
    }
  }

  /// Within one operation.
  mutating func findErrorsWithinSteps() {
    for (place, step) in history.steps.enumerated() {
      for (key, sightings) in step.reads {
        for (first, second) in zip(sightings, sightings.dropFirst()) {
          check(
            Pair(key: key, first: first.record, second: second.record, steps: [place]),
            skip: .internalPollSkip, nonmonotonic: .internalNonmonotonicPoll)
        }
      }
      for (key, records) in step.recordsSentByKey(history) {
        for (first, second) in zip(records, records.dropFirst()) {
          check(
            Pair(key: key, first: first, second: second, steps: [place]),
            skip: .internalSendSkip, nonmonotonic: .internalNonmonotonicSend)
        }
      }
    }
  }

  /// From one operation of a process to the next, as long as the key stays assigned to it.
  mutating func findErrorsBetweenSteps() {
    /// Where a process was left in a key.
    struct Position {
      var record: Int?
      var step: Int
    }
    var polled: [Operation.Process: [Int: Position]] = [:]
    var sent: [Operation.Process: [Int: Position]] = [:]
    for (place, step) in history.steps.enumerated() {
      switch step.function {
      case .assign(let keys) where step.outcome != .fail:
        polled[step.process] = polled[step.process]?.filter { keys.contains($0.key) }
        sent[step.process] = sent[step.process]?.filter { keys.contains($0.key) }
      case .assign, .other: break
      case .send, .poll, .txn:
        for (key, sightings) in step.reads {
          if let last = polled[step.process]?[key] {
            check(
              Pair(key: key, first: last.record, second: sightings.first?.record, steps: [last.step, place]),
              skip: .pollSkip, nonmonotonic: .nonmonotonicPoll)
          }
          guard step.outcome == .ok else { continue }
          polled[step.process, default: [:]][key] = Position(record: sightings.last?.record, step: place)
        }
        guard step.outcome != .fail else { continue }
        for (key, records) in step.recordsSentByKey(history) {
          if let last = sent[step.process]?[key] {
            check(
              Pair(key: key, first: last.record, second: records.first, steps: [last.step, place]),
              skip: nil, nonmonotonic: .nonmonotonicSend)
          }
          sent[step.process, default: [:]][key] = Position(record: records.last, step: place)
        }
      }
    }
  }
}

extension KafkaHistory.Step {
  /// What it sent, in order, by key.
  fileprivate func recordsSentByKey(_ history: KafkaHistory) -> [(key: Int, records: [Int])] {
    var keys: [(key: Int, records: [Int])] = []
    for record in writes.lazy.map(\.record) {
      let key = history.records[record].key
      if let place = keys.firstIndex(where: { $0.key == key }) {
        keys[place].records.append(record)
      } else {
        keys.append((key, [record]))
      }
    }
    return keys
  }
}
