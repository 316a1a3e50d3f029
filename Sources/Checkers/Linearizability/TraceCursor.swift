/// A position in a trace, with what is pending there. It moves in both directions.
///
/// A position is the index of an event that has not happened yet. Operations of known outcome hold a slot from
/// their invocation to their completion.
struct TraceCursor<Slots: SlotSet> {
  let trace: RegisterTrace
  let effects: IndefiniteEffects
  /// By operation: its slot; -1 for those of unknown outcome.
  private let slots: [Int32]
  /// By operation: the operation that held its slot before; -1 for none.
  private let predecessors: [Int32]

  private(set) var position = 0
  /// By slot: the operation that holds it, or held it last; -1 for none.
  private(set) var holders: [Int32]
  /// The slots of pending operations that change nothing, of writes, and of other compare-and-sets.
  private(set) var readers: Slots
  private(set) var writers: Slots
  private(set) var swappers: Slots
  /// By kind of effect: how many were invoked.
  private(set) var invokedEffects: [Int]
  /// By kind of effect: whether it may be used only as often as it was invoked, else any number of times once it
  /// was.
  var isCounted: [Bool]

  /// - Complexity: O(events × slots).
  init(_ trace: RegisterTrace, _ effects: IndefiniteEffects, slotCount: Int) {
    self.trace = trace
    self.effects = effects
    (slots, predecessors) = Self.assignSlots(trace, slotCount)
    holders = Array(repeating: -1, count: slotCount)
    readers = Slots(capacity: slotCount)
    (writers, swappers) = (readers, readers)
    invokedEffects = Array(repeating: 0, count: effects.kinds.count)
    isCounted = Array(repeating: true, count: effects.kinds.count)
  }

  private static func assignSlots(_ trace: RegisterTrace, _ slotCount: Int) -> ([Int32], [Int32]) {
    var slots = Array(repeating: Int32(-1), count: trace.operations.count)
    var predecessors = slots
    var last = Array(repeating: Int32(-1), count: slotCount)
    var free = Array((0..<slotCount).reversed())
    for event in trace.events where trace.operations[event.operation].isDefinite {
      if event.isCompletion {
        free.append(Int(slots[event.operation]))
      } else {
        let slot = free.removeLast()
        slots[event.operation] = Int32(slot)
        predecessors[event.operation] = last[slot]
        last[slot] = Int32(event.operation)
      }
    }
    return (slots, predecessors)
  }

  /// The largest number of operations of known outcome that are pending at one time.
  static func slotCount(of trace: RegisterTrace) -> Int {
    var (pending, most) = (0, 1)
    for event in trace.events where trace.operations[event.operation].isDefinite {
      pending += event.isCompletion ? -1 : 1
      most = max(most, pending)
    }
    return most
  }

  /// The next event; nil at the end.
  var event: RegisterTrace.Event? { position < trace.events.count ? trace.events[position] : nil }

  func slot(of operation: Int) -> Int { Int(slots[operation]) }

  /// The pending operation in a slot.
  func operation(in slot: Int) -> RegisterOperation { trace.operations[Int(holders[slot])] }

  mutating func advance() {
    let event = trace.events[position]
    position += 1
    let operation = event.operation
    guard slots[operation] >= 0 else {
      if let kind = effects.kindOfOperation[operation] { invokedEffects[kind] += 1 }
      return
    }
    if event.isCompletion {
      forget(operation)
    } else {
      holders[Int(slots[operation])] = Int32(operation)
      note(operation)
    }
  }

  mutating func retreat() {
    position -= 1
    let event = trace.events[position]
    let operation = event.operation
    guard slots[operation] >= 0 else {
      if let kind = effects.kindOfOperation[operation] { invokedEffects[kind] -= 1 }
      return
    }
    if event.isCompletion {
      note(operation)
    } else {
      forget(operation)
      holders[Int(slots[operation])] = predecessors[operation]
    }
  }

  mutating func move(to target: Int) {
    while position < target { advance() }
    while position > target { retreat() }
  }

  private mutating func note(_ operation: Int) {
    let slot = slot(of: operation)
    if trace.operations[operation].changesNothing {
      readers.insert(slot)
    } else if trace.operations[operation].function == .write {
      writers.insert(slot)
    } else {
      swappers.insert(slot)
    }
  }

  private mutating func forget(_ operation: Int) {
    let slot = slot(of: operation)
    readers.remove(slot)
    writers.remove(slot)
    swappers.remove(slot)
  }
}
