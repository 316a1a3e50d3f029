/// Decides in O(n log n) whether a register's history is linearizable, if no two writes have the same value and
/// there is no compare-and-set.
///
/// Gibbons and Korach, "Testing shared memories", 1997: the operations of a value are its write and its reads.
/// In a linearization they are adjacent. The zone of a value is the time between its first completion and its
/// last invocation. It is forward if the completion is first: then the register has the value during all of
/// it. Otherwise it is backward: all its operations overlap, and can take effect at any one moment of it. A
/// history is linearizable if and only if no value is read before its write is invoked, forward zones do not
/// overlap, and no backward zone lies within a forward one. See also Lee and Mathur, "Efficient decrease and
/// conquer linearizability monitoring", 2025.
struct UniqueValueZones {
  private struct Zone {
    var value: Int32
    /// The index of the first completion in the history, and of the last invocation.
    var firstCompletion: Int32
    var lastInvocation: Int32

    var isForward: Bool { firstCompletion < lastInvocation }
  }

  /// Whether the history is linearizable.
  let isLinearizable: Bool

  /// Nil if the method does not apply: a value is written twice, or there is a compare-and-set.
  init?(_ trace: RegisterTrace) {
    guard let writes = Self.writes(of: trace) else { return nil }
    guard let zones = Self.zones(trace, writes) else {
      isLinearizable = false
      return
    }
    isLinearizable = Self.areCompatible(zones)
  }

  /// By value: its write. The write of the initial value comes before everything.
  private static func writes(of trace: RegisterTrace) -> [Int32: RegisterOperation]? {
    var writes = [trace.initial: RegisterOperation.write(trace.initial, -1, -1)]
    writes.reserveCapacity(trace.operations.count / 2)
    for operation in trace.operations where operation.function != .read {
      guard operation.function == .write, writes.updateValue(operation, forKey: operation.written) == nil
      else { return nil }
    }
    return writes
  }

  /// The zone of each value; nil if one is read that was not written by then. A write of unknown outcome that
  /// nobody read is left out.
  private static func zones(_ trace: RegisterTrace, _ writes: [Int32: RegisterOperation]) -> [Zone]? {
    var zones: [Zone] = []
    var indices: [Int32: Int] = [:]
    indices.reserveCapacity(writes.count)
    func zone(_ write: RegisterOperation) -> Int {
      let zone = Zone(
        value: write.written, firstCompletion: write.completion, lastInvocation: write.invocation)
      zones.append(zone)
      indices[write.written] = zones.count - 1
      return zones.count - 1
    }
    for operation in trace.operations {
      guard operation.function == .read else {
        if operation.isDefinite, indices[operation.written] == nil { _ = zone(operation) }
        continue
      }
      guard let write = writes[operation.expected], operation.completion > write.invocation else {
        return nil
      }
      let index = indices[operation.expected] ?? zone(write)
      zones[index].firstCompletion = min(zones[index].firstCompletion, operation.completion)
      zones[index].lastInvocation = max(zones[index].lastInvocation, operation.invocation)
    }
    return zones
  }

  private static func areCompatible(_ zones: [Zone]) -> Bool {
    let forward = zones.filter(\.isForward).sorted { $0.firstCompletion < $1.firstCompletion }
    for (zone, next) in zip(forward, forward.dropFirst()) where next.firstCompletion < zone.lastInvocation {
      return false
    }
    let backward = zones.filter { !$0.isForward }.sorted { $0.lastInvocation < $1.lastInvocation }
    var index = 0
    for zone in backward {
      while index + 1 < forward.count, forward[index + 1].firstCompletion < zone.lastInvocation { index += 1 }
      guard index < forward.count else { break }
      if forward[index].firstCompletion < zone.lastInvocation,
        zone.firstCompletion < forward[index].lastInvocation
      {
        return false
      }
    }
    return true
  }
}
