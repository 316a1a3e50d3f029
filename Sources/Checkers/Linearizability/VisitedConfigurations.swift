/// The configurations that a search has visited, by what must be equal for one to make another superfluous.
struct VisitedConfigurations<Slots: SlotSet> {
  private struct Key: Hashable {
    var position: Int
    var value: Int32
    var doneSwaps: Slots
  }

  /// By key: the last node with it.
  private var last: [Key: Int32] = [:]
  /// By node: the one before with the same key; -1 for none.
  private var previous: [Int32] = []

  /// The number of times that a configuration was compared with another.
  private(set) var comparisons = 0

  /// Notes a configuration as the next node. Returns false, and does not note it, if a node can do all that
  /// it can.
  mutating func insert(
    _ configuration: Configuration<Slots>, _ cursor: TraceCursor<Slots>, _ uses: EffectUses,
    _ nodes: [ConfigurationSearch<Slots>.Node]
  ) -> Bool {
    let key = Key(
      position: configuration.position, value: configuration.value,
      doneSwaps: configuration.done.intersection(cursor.swappers))
    let newest = last[key] ?? -1
    var node = newest
    while node >= 0 {
      comparisons += 1
      if cursor.covers(nodes[Int(node)].configuration, configuration, uses) { return false }
      node = previous[Int(node)]
    }
    previous.append(newest)
    last[key] = Int32(nodes.count)
    return true
  }
}

extension TraceCursor {
  /// Whether `a` can do all that `b` can. Their positions, values and compare-and-sets done are equal.
  func covers(
    _ a: Configuration<Slots>, _ b: Configuration<Slots>, _ uses: EffectUses
  ) -> Bool {
    // More reads done are better; a write that is hidden may still count as done or as not done.
    guard b.done.intersection(readers).subtracting(a.done).isEmpty else { return false }
    let differing = a.done.symmetricDifference(b.done).union(b.hidden).intersection(writers)
    guard differing.subtracting(a.hidden).isEmpty else { return false }
    return uses.leaves(a.uses, asMuchAs: b.uses)
  }
}
