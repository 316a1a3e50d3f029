import EddyHistory
import EddyNode
import EddyTiming

/// The greatest lag of polls behind real time; Jepsen's `worst-realtime-lag`.
///
/// The lag of a poll in a key is the time from when a record after the process's last polled one was first
/// known to exist until the poll was invoked. It is a lower bound.
struct KafkaLag {
  var nanoseconds: Int = 0
  var time = Instant.zero
  var process: Operation.Process?
  var key: Int?

  /// The greatest lag in a history.
  ///
  /// - Parameter times: The time of an entry, by its index in the history.
  /// - Complexity: O(p·k·log n) for p polls, k keys assigned to a process, and n records.
  static func worst(_ history: KafkaHistory, times: (Int) -> Instant) -> KafkaLag {
    let ends = ends(history, times: times)
    var positions: [Operation.Process: [Int: Int]] = [:]
    var worst = KafkaLag()
    for operation in history.operations where operation.outcome == .ok {
      switch operation.function {
      case .assign(let keys):
        let kept = positions[operation.process] ?? [:]
        positions[operation.process] = Dictionary(
          keys.map { ($0, kept[$0] ?? -1) }, uniquingKeysWith: { first, _ in first })
      case .poll, .txn:
        positions[operation.process, default: [:]].merge(
          operation.highestOffsets(history), uniquingKeysWith: max)
        let invoked = times(operation.invocation)
        for (key, offset) in positions[operation.process] ?? [:] {
          guard let expired = ends[key].firstExceeding(offset) else { continue }
          let lag = KafkaLag(
            nanoseconds: (invoked - expired).nanoseconds, time: invoked, process: operation.process, key: key)
          if (lag.nanoseconds, -key) > (worst.nanoseconds, -(worst.key ?? .max)) { worst = lag }
        }
      case .send, .other: break
      }
    }
    return worst
  }

  /// The growth of a key's highest known offset.
  private struct End {
    private var growth: [(offset: Int, time: Instant)] = []

    mutating func reach(_ offset: Int, at time: Instant) {
      if offset > growth.last?.offset ?? -1 { growth.append((offset, time)) }
    }

    /// When an offset greater than `offset` was first known to exist.
    func firstExceeding(_ offset: Int) -> Instant? {
      let index = growth.partitioningIndex { $0.offset > offset }
      return index < growth.count ? growth[index].time : nil
    }
  }

  private static func ends(_ history: KafkaHistory, times: (Int) -> Instant) -> [End] {
    var ends = Array(repeating: End(), count: history.keys.count)
    for operation in history.operations where operation.outcome != .fail && operation.accessesLogs {
      for (key, offset) in operation.highestOffsets(history) {
        ends[key].reach(offset, at: times(operation.index))
      }
    }
    return ends
  }
}

extension KafkaHistory.ClientOperation {
  /// By key: the highest offset that the operation sent or polled; -1 for an empty poll.
  fileprivate func highestOffsets(_ history: KafkaHistory) -> [Int: Int] {
    var highest: [Int: Int] = [:]
    for (key, sightings) in reads {
      highest[key] = sightings.lazy.compactMap(\.offset).reduce(highest[key] ?? -1, max)
    }
    for write in writes {
      let key = history.records[write.record].key
      if let offset = write.offset { highest[key] = max(highest[key] ?? 0, offset) }
    }
    return highest
  }
}
