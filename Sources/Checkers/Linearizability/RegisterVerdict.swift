/// Whether the operations on one register can be ordered.
enum RegisterVerdict: Equatable {
  case linearizable
  case impossible(UnplaceableOperation)
  /// The search has visited this many configurations and has not found out.
  case undecided(configurations: Int)

  /// The number of configurations after which a search gives up: about a gigabyte of memory.
  static let configurationLimit = 8_000_000

  /// Judges the operations on one register.
  ///
  /// - Complexity: O(n log n) for distinct writes without compare-and-set, if the history is linearizable; else
  ///   see ``ConfigurationSearch``.
  init(_ trace: RegisterTrace, limit: Int = configurationLimit) {
    if let zones = UniqueValueZones(trace), zones.isLinearizable {
      self = .linearizable
    } else {
      self.init(searching: trace, limit: limit)
    }
  }

  /// Judges by search alone.
  init(searching trace: RegisterTrace, limit: Int = configurationLimit) {
    let count = TraceCursor<WideSlotSet>.slotCount(of: trace)
    switch count {
    case ...NarrowSlotSet.limit:
      self = RegisterSearch<NarrowSlotSet>(slotCount: count, limit: limit).verdict(trace)
    case ...MediumSlotSet.limit:
      self = RegisterSearch<MediumSlotSet>(slotCount: count, limit: limit).verdict(trace)
    default: self = RegisterSearch<WideSlotSet>(slotCount: count, limit: limit).verdict(trace)
    }
  }

  /// The order in which the operations can take effect; nil if there is none, or none was found.
  static func linearization(of trace: RegisterTrace, limit: Int = configurationLimit) -> [Int]? {
    let count = TraceCursor<WideSlotSet>.slotCount(of: trace)
    let search = RegisterSearch<WideSlotSet>(slotCount: count, limit: limit)
    guard case .linearizable(let moves) = search.decide(trace) else { return nil }
    var order = LinearizationOrder<WideSlotSet>(
      TraceCursor(trace, IndefiniteEffects(trace), slotCount: count), count)
    order.follow(moves)
    return order.operations
  }
}

/// The operation at which every attempt to order a register's operations ends.
struct UnplaceableOperation: Equatable {
  /// The operation: nothing that completed before it can be ordered together with it. Without it that can be
  /// ordered, unless `isOrderPartial`.
  var operation: Int
  /// A longest order of operations that took effect before it completes.
  var order: [Int]
  /// The values that the register can have just before it completes, in every such order; ascending.
  var values: [Int32]
  /// Whether there may be more such values, because there were too many orders to try.
  var areValuesIncomplete: Bool
  /// Whether `order` lacks operations that completed before, because there were too many orders to try.
  var isOrderPartial = false
}

extension ConfigurationSearch {
  /// What is known where no configuration gets past the completion at this position.
  func failure(at position: Int) -> UnplaceableOperation {
    let reached = nodes.indices.filter { nodes[$0].configuration.position == position }
    var order = LinearizationOrder(cursor, slotCount)
    order.follow(path(to: reached[0]))
    var cursor = cursor
    cursor.move(to: position)
    let (values, isIncomplete) = cursor.possibleValues(
      from: reached.map { nodes[$0].configuration }, uses)
    return UnplaceableOperation(
      operation: cursor.trace.events[position].operation, order: order.operations, values: values,
      areValuesIncomplete: isIncomplete)
  }
}

extension TraceCursor {
  /// The number of configurations that are tried for the values possible at a failure.
  private static var triedAtFailure: Int { 10_000 }

  /// The values that the register can have at the cursor's position, from these configurations on; ascending.
  func possibleValues(
    from reached: [Configuration<Slots>], _ uses: EffectUses
  ) -> (values: [Int32], isIncomplete: Bool) {
    var (agenda, uses) = (reached, uses)
    var values = Set(agenda.map(\.value))
    var seen = Set(agenda)
    while let configuration = agenda.popLast(), seen.count < Self.triedAtFailure {
      everyMove(from: configuration, uses) { move in
        var next = configuration
        take(move, &next, &uses)
        values.insert(next.value)
        if seen.insert(next).inserted { agenda.append(next) }
      }
    }
    return (values.sorted(), seen.count >= Self.triedAtFailure)
  }
}
