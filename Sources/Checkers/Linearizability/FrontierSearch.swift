/// Looks for a linearization of the operations on one register, or for a proof that there is none, where the
/// uses of operations of unknown outcome have too many combinations to try.
///
/// Effects of some kinds may be used more often than they were invoked: a relaxation, which has a linearization
/// if the trace has one. A configuration then remembers the uses of the other kinds only, and how many there
/// were in all, of which there cannot be more than effects that were invoked. If no way leads past a
/// completion, none does in the trace. If the way with the fewest uses has none too often, it is a
/// linearization. Otherwise the kinds that it uses too often are counted too, and the search begins anew; with
/// all kinds counted it is exact. (Decremental state space relaxation: Righini and Salani, "New dynamic
/// programming algorithms for the resource constrained elementary shortest path problem", 2008.)
///
/// The search is breadth first, one completion after the other, so that only configurations that none makes
/// superfluous are ever extended.
///
/// - Complexity: O(events × configurations per completion). Their number grows exponentially with the number of
///   different compare-and-sets that overlap, and with the kinds that are counted.
struct FrontierSearch<Slots: SlotSet> {
  /// A configuration that was reached, and how.
  private struct Arrival {
    var configuration: Configuration<Slots>
    /// The step that led there.
    var step: Step
    /// The number of effects used, of whatever kind.
    var useCount: Int
  }

  /// A step on the way to a configuration.
  private struct Step {
    /// The step before; -1 for none.
    var parent: Int32
    var move: SearchMove
  }

  enum Outcome: Equatable {
    /// The end is reached, with the fewest uses by this step.
    case end(step: Int)
    /// No way leads past the completion at this position.
    case impossible(position: Int)
    /// More configurations than the limit.
    case undecided
  }

  private struct Key: Hashable {
    var value: Int32
    var doneSwaps: Slots
  }

  private var cursor: TraceCursor<Slots>
  private var uses: EffectUses
  private var steps: [Step] = []
  /// The number of configurations reached, each as often as it was.
  private(set) var count = 0
  /// By position: what was reached there.
  private var arrivals: [[Arrival]]
  /// What was reached at the completion at hand; nil for what others make superfluous.
  private var frontier: [(arrival: Arrival, step: Int32)?] = []
  /// By what must be equal for one to make another superfluous: indices in `frontier`.
  private var rivals: [Key: [Int]] = [:]
  private let slotCount: Int
  private let limit: Int

  /// A search that counts the kinds that `start` counts, and gives up after so many configurations.
  init(_ start: TraceCursor<Slots>, slotCount: Int, limit: Int) {
    cursor = start
    self.slotCount = slotCount
    uses = EffectUses(cursor.effects)
    arrivals = Array(repeating: [], count: cursor.trace.events.count + 1)
    self.limit = limit
  }

  /// Searches from the beginning of the trace.
  mutating func run() -> Outcome {
    let start = cursor.start(slotCount: slotCount)
    reach(Arrival(configuration: start, step: Step(parent: -1, move: .hiddenWrite), useCount: 0))
    var furthest = start.position
    for position in start.position..<arrivals.count where !arrivals[position].isEmpty {
      guard count < limit else { return .undecided }
      cursor.move(to: position)
      enter(position)
      if position == cursor.trace.events.count { return .end(step: best()) }
      furthest = position
      extend(position)
    }
    return .impossible(position: furthest)
  }

  /// Makes what was reached at a position the frontier.
  private mutating func enter(_ position: Int) {
    frontier.removeAll(keepingCapacity: true)
    rivals.removeAll(keepingCapacity: true)
    for arrival in arrivals[position] { admit(arrival) }
    arrivals[position] = []
  }

  /// The last step of the way to the frontier with the fewest uses.
  private func best() -> Int {
    let best = frontier.compactMap { $0 }.min { $0.arrival.useCount < $1.arrival.useCount }
    return Int(best?.step ?? -1)
  }

  /// Takes all steps from the frontier, which grows by those that do not lead past the completion.
  private mutating func extend(_ position: Int) {
    let useLimit = cursor.invokedEffects.reduce(0, +)
    var index = 0
    while index < frontier.count, count < limit {
      defer { index += 1 }
      guard let (parent, step) = frontier[index] else { continue }
      var moves: [SearchMove] = []
      cursor.moves(from: parent.configuration, uses) { moves.append($0) }
      for move in moves {
        var next = parent
        next.step = Step(parent: step, move: move)
        if case .effect = move { next.useCount += 1 }
        guard next.useCount <= useLimit else { continue }
        cursor.take(move, &next.configuration, &uses)
        cursor.proceed(&next.configuration)
        let isPast = next.configuration.position > position
        if isPast { cursor.move(to: position) }
        if isPast { reach(next) } else { admit(next) }
      }
    }
  }

  private mutating func reach(_ arrival: Arrival) {
    count += 1
    arrivals[arrival.configuration.position].append(arrival)
  }

  /// Adds what was reached at the cursor's position to the frontier, unless something makes it superfluous.
  private mutating func admit(_ arrival: Arrival) {
    count += 1
    let configuration = arrival.configuration
    let key = Key(
      value: configuration.value, doneSwaps: configuration.done.intersection(cursor.swappers))
    var places = rivals[key] ?? []
    for (index, place) in places.enumerated().reversed() {
      guard let rival = frontier[place]?.arrival else { continue }
      if rival.useCount <= arrival.useCount, cursor.covers(rival.configuration, configuration, uses) {
        return
      }
      if arrival.useCount <= rival.useCount, cursor.covers(configuration, rival.configuration, uses) {
        frontier[place] = nil
        places.remove(at: index)
      }
    }
    places.append(frontier.count)
    rivals[key] = places
    frontier.append((arrival, Int32(steps.count)))
    steps.append(arrival.step)
  }

  /// The steps on the way to a step and with it, but for the first, which is the beginning.
  func path(to step: Int) -> [SearchMove] {
    var path: [SearchMove] = []
    var step = step
    while steps[step].parent >= 0 {
      path.append(steps[step].move)
      step = Int(steps[step].parent)
    }
    return path.reversed()
  }
}
