package import EddyTiming

/// A fault from its start to its end, from the entries of the nemesis in a history.
package struct FaultInterval {
  package fileprivate(set) var record: any FaultRecord
  package let start: Instant
  /// The end; nil if the fault was in force when the history ended.
  package fileprivate(set) var end: Instant?

  package var fault: Fault { Fault(type(of: record)) }

  package func overlaps(_ window: ClosedRange<Instant>) -> Bool {
    start <= window.upperBound && (end.map { $0 >= window.lowerBound } ?? true)
  }
}

extension History {
  /// All faults, in the order of their starts. O(length of the history).
  package var faults: [FaultInterval] { faults(FaultCodec()) }

  /// All faults of a codec, in the order of their starts. O(length of the history).
  package func faults(_ codec: FaultCodec) -> [FaultInterval] {
    var intervals: [FaultInterval] = []
    var open: [Fault: Int] = [:]
    for entry in operations {
      switch codec.decode(entry) {
      case .start(let record):
        let fault = Fault(type(of: record))
        if let index = open[fault] {
          if intervals[index].record.absorb(record) { continue }
          // A fault that starts while one of its kind is in force replaces it.
          intervals[index].end = entry.time
        }
        open[fault] = intervals.count
        intervals.append(FaultInterval(record: record, start: entry.time))
      case .stop(let fault):
        if let index = open.removeValue(forKey: fault) { intervals[index].end = entry.time }
      case nil: break
      }
    }
    return intervals
  }
}
