/// Decides one register: first by a short search in depth, which finds a linearization soon if there is one that
/// needs few choices; then in breadth, which counts only those effects of unknown outcome that it has to; at last
/// by a long search in depth.
struct RegisterSearch<Slots: SlotSet> {
  enum Outcome {
    /// The steps of a linearization.
    case linearizable([SearchMove])
    /// No linearization gets past the completion at this position; all ways there were tried.
    case exhausted(ConfigurationSearch<Slots>, position: Int)
    /// No linearization gets past the completion at this position, and perhaps none gets there.
    case impossible(position: Int)
    /// More configurations than the limit; the steps that lead furthest.
    case undecided([SearchMove])
  }

  /// The number of configurations of the short search, beside one for each event.
  private static var shortLimit: Int { 10_000 }

  /// The number of slots up to which the search in breadth reaches as many configurations as it may.
  private static var fewSlots: Int { 16 }

  private let slotCount: Int
  /// The number of configurations of the long search; the search in breadth reaches up to twice as many.
  private let limit: Int

  init(slotCount: Int, limit: Int) {
    self.slotCount = slotCount
    self.limit = limit
  }

  /// The verdict on a trace.
  func verdict(_ trace: RegisterTrace) -> RegisterVerdict {
    // The completion up to which there may be a linearization; nil while there may be one of the whole trace.
    var end: Int?
    while true {
      let prefix = trace.prefix(end ?? trace.events.count)
      switch decide(prefix) {
      case .linearizable(let moves):
        guard let end else { return .linearizable }
        return .impossible(failure(trace.events[end], moves, prefix, isOrderPartial: false))
      case .exhausted(let search, let position):
        return .impossible(search.failure(at: position))
      case .impossible(let position):
        end = position
      case .undecided(let moves):
        guard let end else { return .undecided(configurations: limit) }
        return .impossible(failure(trace.events[end], moves, prefix, isOrderPartial: true))
      }
    }
  }

  func decide(_ trace: RegisterTrace) -> Outcome {
    let cursor = TraceCursor<Slots>(trace, IndefiniteEffects(trace), slotCount: slotCount)
    let short = min(limit, Self.shortLimit + trace.events.count)
    let first = searchInDepth(cursor, short)
    guard case .undecided = first else { return first }
    if let position = trace.firstObservationOfAnUnwrittenValue { return .impossible(position: position) }
    // Without effects to count or not the search in breadth has no advantage.
    if !cursor.effects.kinds.isEmpty, let outcome = searchInBreadth(cursor) { return outcome }
    return limit > short ? searchInDepth(cursor, limit) : first
  }

  private func searchInDepth(_ cursor: TraceCursor<Slots>, _ limit: Int) -> Outcome {
    var search = ConfigurationSearch(cursor, slotCount: slotCount, limit: limit)
    switch search.run() {
    case .linearizable(let node): return .linearizable(search.path(to: node))
    case .impossible(let position): return .exhausted(search, position: position)
    case .undecided:
      let furthest = search.nodes.indices.max {
        search.nodes[$0].configuration.position < search.nodes[$1].configuration.position
      }
      return .undecided(furthest.map { search.path(to: $0) } ?? [])
    }
  }

  /// Nil if the limit does not suffice.
  func searchInBreadth(_ start: TraceCursor<Slots>) -> Outcome? {
    var cursor = start
    cursor.isCounted = cursor.isCounted.map { _ in false }
    // The more operations overlap, the less does it pay.
    var left = 2 * limit * Self.fewSlots / max(slotCount, Self.fewSlots)
    while true {
      var search = FrontierSearch(cursor, slotCount: slotCount, limit: left)
      switch search.run() {
      case .undecided: return nil
      case .impossible(let position): return .impossible(position: position)
      case .end(let step):
        let path = search.path(to: step)
        let overused = start.overusedKinds(on: path, slotCount: slotCount)
        if overused.isEmpty { return .linearizable(path) }
        for kind in overused { cursor.isCounted[kind] = true }
        left -= search.count
      }
    }
  }

  /// What is known where no linearization gets past an event, and these steps lead through the trace before it.
  private func failure(
    _ event: RegisterTrace.Event, _ moves: [SearchMove], _ prefix: RegisterTrace, isOrderPartial: Bool
  ) -> UnplaceableOperation {
    var order = LinearizationOrder(
      TraceCursor<Slots>(prefix, IndefiniteEffects(prefix), slotCount: slotCount), slotCount)
    order.follow(moves)
    var failure = UnplaceableOperation(
      operation: event.operation, order: order.operations, values: [], areValuesIncomplete: true,
      isOrderPartial: isOrderPartial)
    if !isOrderPartial {
      failure.values = order.cursor.possibleValues(from: [order.configuration], order.uses).values
    }
    return failure
  }
}

extension RegisterTrace {
  /// The position of the first completion of an operation that observes a value that no operation invoked by
  /// then writes; nil if there is none.
  ///
  /// - Complexity: O(events).
  fileprivate var firstObservationOfAnUnwrittenValue: Int? {
    var written: Set<Int32> = [initial]
    return events.indices.first { position in
      let operation = operations[events[position].operation]
      if events[position].isCompletion { return operation.observes && !written.contains(operation.expected) }
      if !operation.changesNothing { written.insert(operation.written) }
      return false
    }
  }
}

extension TraceCursor {
  /// The kinds of effects that a way through the trace uses before enough of them were invoked.
  fileprivate func overusedKinds(on path: [SearchMove], slotCount: Int) -> Set<Int> {
    var (cursor, uses) = (self, EffectUses(effects))
    var used = Array(repeating: 0, count: effects.kinds.count)
    var overused: Set<Int> = []
    var configuration = cursor.start(slotCount: slotCount)
    for move in path {
      if case .effect(let kind) = move {
        used[kind] += 1
        if used[kind] > cursor.invokedEffects[kind] { overused.insert(kind) }
      }
      cursor.take(move, &configuration, &uses)
      cursor.proceed(&configuration)
    }
    return overused
  }
}
