import EddyHistory
import EddyNode
import EddyTiming

/// How far polls lagged behind real time: at least how long ago, when a poll was invoked, the last
/// record that its process had polled of a key had ceased to be the log's last one.
struct KafkaLag {
  var nanoseconds: Int = 0
  var time = Instant.zero
  var process: Operation.Process?
  var key: Int?

  /// The worst of a history.
  ///
  /// - Complexity: O(p·k·log n) in the polls p, the keys k assigned to a process, and the records n.
  static func worst(_ history: KafkaHistory, times: (Int) -> Instant) -> KafkaLag {
    let ends = ends(history, times: times)
    var positions: [Operation.Process: [Int: Int]] = [:]
    var worst = KafkaLag()
    for step in history.steps where step.outcome == .ok {
      switch step.function {
      case .assign(let keys):
        let kept = positions[step.process] ?? [:]
        positions[step.process] = Dictionary(
          keys.map { ($0, kept[$0] ?? -1) }, uniquingKeysWith: { first, _ in first })
      case .poll, .txn:
        positions[step.process, default: [:]].merge(step.highestOffsets(history), uniquingKeysWith: max)
        let invoked = times(step.invocation)
        for (key, offset) in positions[step.process] ?? [:] {
          guard let expired = ends[key].firstExceeding(offset) else { continue }
          let lag = KafkaLag(
            nanoseconds: (invoked - expired).nanoseconds, time: invoked, process: step.process, key: key)
          if (lag.nanoseconds, -key) > (worst.nanoseconds, -(worst.key ?? .max)) { worst = lag }
        }
      case .send, .other: break
      }
    }
    return worst
  }

  /// How each key's highest known offset grew.
  private struct End {
    private var growth: [(offset: Int, time: Instant)] = []

    mutating func reach(_ offset: Int, at time: Instant) {
      if offset > growth.last?.offset ?? -1 { growth.append((offset, time)) }
    }

    /// When an offset greater than `offset` was first known to exist.
    func firstExceeding(_ offset: Int) -> Instant? {
      var (low, high) = (0, growth.count)
      while low < high {
        let middle = (low + high) / 2
        if growth[middle].offset <= offset { low = middle + 1 } else { high = middle }
      }
      return low < growth.count ? growth[low].time : nil
    }
  }

  private static func ends(_ history: KafkaHistory, times: (Int) -> Instant) -> [End] {
    var ends = Array(repeating: End(), count: history.keys.count)
    for step in history.steps where step.outcome != .fail && step.isData {
      for (key, offset) in step.highestOffsets(history) { ends[key].reach(offset, at: times(step.index)) }
    }
    return ends
  }
}

extension KafkaHistory.Step {
  /// The highest offset that it met of each key.
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
