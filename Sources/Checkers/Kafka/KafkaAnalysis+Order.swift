import EddyHistory

// The order in which clients poll and send the records of each log.

extension KafkaAnalysis {
  /// Two consecutive records of one key in what a client polled or sent.
  private struct Pair {
    var key: Int
    var first: Int?
    var second: Int?
    /// The operations that polled or sent them.
    var operations: [Int]
  }

  /// Reports a pair that is out of order, or that has other records between. A pair with an unknown distance
  /// is not judged.
  private mutating func check(_ pair: Pair, skip: KafkaFinding.Kind?, nonmonotonic: KafkaFinding.Kind) {
    let log = logs[pair.key]
    guard let first = pair.first, let second = pair.second,
      let distance = log.distance(from: first, to: second)
    else { return }
    if distance < 1 {
      report(
        KafkaFinding(
          kind: nonmonotonic, key: pair.key, records: [first, second], operations: pair.operations,
          offsets: [log.offset(of: first), log.offset(of: second)].compactMap(\.self), severity: -distance))
    } else if distance > 1, let skip {
      report(
        KafkaFinding(
          kind: skip, key: pair.key, records: [first, second], operations: pair.operations,
          offsets: log.offsets(between: first, and: second), severity: distance))
    }
  }

  /// Checks each pair of consecutive records within one operation.
  mutating func findErrorsWithinOperations() {
    for (index, operation) in history.operations.enumerated() {
      for (key, sightings) in operation.reads {
        for (first, second) in zip(sightings, sightings.dropFirst()) {
          check(
            Pair(key: key, first: first.record, second: second.record, operations: [index]),
            skip: .internalPollSkip, nonmonotonic: .internalNonmonotonicPoll)
        }
      }
      for (key, records) in operation.recordsSentByKey(history) {
        for (first, second) in zip(records, records.dropFirst()) {
          check(
            Pair(key: key, first: first, second: second, operations: [index]),
            skip: .internalSendSkip, nonmonotonic: .internalNonmonotonicSend)
        }
      }
    }
  }

  /// Checks the last record of a process's operation and the first of its next one, for keys that stay
  /// assigned to the process.
  mutating func findErrorsBetweenOperations() {
    /// The last record of a key that a process polled or sent.
    struct Position {
      var record: Int?
      var operation: Int
    }
    var polled: [Operation.Process: [Int: Position]] = [:]
    var sent: [Operation.Process: [Int: Position]] = [:]
    for (index, operation) in history.operations.enumerated() {
      switch operation.function {
      case .assign(let keys) where operation.outcome != .fail:
        polled[operation.process] = polled[operation.process]?.filter { keys.contains($0.key) }
        sent[operation.process] = sent[operation.process]?.filter { keys.contains($0.key) }
      case .assign, .other: break
      case .send, .poll, .txn:
        for (key, sightings) in operation.reads {
          if let last = polled[operation.process]?[key] {
            check(
              Pair(
                key: key, first: last.record, second: sightings.first?.record,
                operations: [last.operation, index]),
              skip: .pollSkip, nonmonotonic: .nonmonotonicPoll)
          }
          guard operation.outcome == .ok else { continue }
          polled[operation.process, default: [:]][key] = Position(
            record: sightings.last?.record, operation: index)
        }
        guard operation.outcome != .fail else { continue }
        for (key, records) in operation.recordsSentByKey(history) {
          if let last = sent[operation.process]?[key] {
            check(
              Pair(key: key, first: last.record, second: records.first, operations: [last.operation, index]),
              skip: nil, nonmonotonic: .nonmonotonicSend)
          }
          sent[operation.process, default: [:]][key] = Position(record: records.last, operation: index)
        }
      }
    }
  }
}

extension KafkaHistory.ClientOperation {
  /// The records sent, by key, in order.
  fileprivate func recordsSentByKey(_ history: KafkaHistory) -> [(key: Int, records: [Int])] {
    var keys: [(key: Int, records: [Int])] = []
    for record in writes.lazy.map(\.record) {
      let key = history.records[record].key
      if let index = keys.firstIndex(where: { $0.key == key }) {
        keys[index].records.append(record)
      } else {
        keys.append((key, [record]))
      }
    }
    return keys
  }
}
