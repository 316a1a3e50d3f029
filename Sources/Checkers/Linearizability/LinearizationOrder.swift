/// The order in which operations take effect on a way through a trace.
struct LinearizationOrder<Slots: SlotSet> {
  private(set) var cursor: TraceCursor<Slots>
  private(set) var uses: EffectUses
  /// Where the steps taken have led.
  private(set) var configuration: Configuration<Slots>
  /// The operations that took effect, but for hidden writes.
  private var order: [Int] = []
  /// By hidden write: its place, an index in `order`.
  private var places: [Int: Int] = [:]
  /// The hidden writes that took effect unseen, with their places.
  private var insertions: [(place: Int, operation: Int)] = []
  /// By kind of effect: how many were used.
  private var used: [Int]

  /// The order at the beginning of a trace, before any step.
  init(_ start: TraceCursor<Slots>, _ slotCount: Int) {
    cursor = start
    cursor.move(to: 0)
    uses = EffectUses(start.effects)
    configuration = Configuration(value: cursor.trace.initial, slotCount: slotCount)
    used = Array(repeating: 0, count: cursor.effects.kinds.count)
  }

  /// Takes steps from the beginning.
  ///
  /// - Complexity: O(events × concurrency).
  mutating func follow(_ path: [SearchMove]) {
    proceed()
    for move in path {
      take(move)
      proceed()
    }
  }

  private mutating func proceed() {
    while cursor.canProceed(configuration) {
      let before = configuration
      cursor.proceedByOne(&configuration)
      note(since: before, placeOfHidden: order.count)
    }
    configuration.position = cursor.position
  }

  private mutating func take(_ move: SearchMove) {
    let before = configuration
    let place = order.count
    var isWrite = false
    switch move {
    case .operation(let slot):
      order.append(Int(cursor.holders[slot]))
      isWrite = cursor.operation(in: slot).function == .write
    case .effect(let kind):
      order.append(cursor.effects.operations[kind][used[kind]])
      used[kind] += 1
      isWrite = cursor.effects.kinds[kind].isWrite
    case .hiddenWrite:
      guard let operation = cursor.event?.operation, let place = places[operation] else { break }
      insertions.append((place, operation))
    }
    cursor.take(move, &configuration, &uses)
    note(since: before, placeOfHidden: isWrite ? place : order.count)
  }

  /// Notes the operations that a step let take effect beside the one that it was about.
  private mutating func note(since before: Configuration<Slots>, placeOfHidden place: Int) {
    configuration.hidden.subtracting(before.hidden).forEachSlot { places[Int(cursor.holders[$0])] = place }
    configuration.done.subtracting(before.done).intersection(cursor.readers).forEachSlot {
      order.append(Int(cursor.holders[$0]))
    }
  }

  /// The indices of the operations, in the order in which they take effect.
  var operations: [Int] {
    var merged: [Int] = []
    merged.reserveCapacity(order.count + insertions.count)
    // A sort by place and then by the time of insertion: hidden writes need not be decided in their order.
    var rest = insertions.enumerated().sorted { a, b in
      (a.element.place, a.offset) < (b.element.place, b.offset)
    }.map(\.element)[...]
    for (index, operation) in order.enumerated() {
      while let next = rest.first, next.place <= index { merged.append(rest.removeFirst().operation) }
      merged.append(operation)
    }
    return merged + rest.map(\.operation)
  }
}
