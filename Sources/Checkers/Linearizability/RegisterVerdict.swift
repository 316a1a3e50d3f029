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
    self =
      count <= NarrowSlotSet.limit
      ? Self.search(trace, count, limit, NarrowSlotSet.self)
      : Self.search(trace, count, limit, WideSlotSet.self)
  }

  private static func search<Slots: SlotSet>(
    _ trace: RegisterTrace, _ slotCount: Int, _ limit: Int, _: Slots.Type
  ) -> RegisterVerdict {
    var search = ConfigurationSearch<Slots>(
      trace, IndefiniteEffects(trace), slotCount: slotCount, limit: limit)
    switch search.run() {
    case .linearizable: return .linearizable
    case .undecided: return .undecided(configurations: limit)
    case .impossible(let position): return .impossible(search.failure(at: position))
    }
  }

  /// The order in which the operations can take effect; nil if there is none, or none was found.
  static func linearization(of trace: RegisterTrace, limit: Int = configurationLimit) -> [Int]? {
    let count = TraceCursor<WideSlotSet>.slotCount(of: trace)
    var search = ConfigurationSearch<WideSlotSet>(
      trace, IndefiniteEffects(trace), slotCount: count, limit: limit)
    guard case .linearizable(let node) = search.run() else { return nil }
    return LinearizationOrder.operations(upTo: node, of: search, slotCount: count)
  }
}

/// The operation at which every attempt to order a register's operations ends.
struct UnplaceableOperation: Equatable {
  /// The operation: everything that completed before it can be ordered, but nothing together with it.
  var operation: Int
  /// A longest order of operations that took effect before it completes.
  var order: [Int]
  /// The values that the register can have just before it completes, in every such order; ascending.
  var values: [Int32]
  /// Whether there may be more such values, because there were too many orders to try.
  var areValuesIncomplete: Bool
}

extension ConfigurationSearch {
  /// The number of configurations that are tried for the values possible at a failure.
  private static var triedAtFailure: Int { 10_000 }

  /// What is known where no configuration gets past the completion at this position.
  mutating func failure(at position: Int) -> UnplaceableOperation {
    let event = cursor.trace.events[position]
    let reached = nodes.indices.filter { nodes[$0].configuration.position == position }
    let order = LinearizationOrder.operations(upTo: reached[0], of: self, slotCount: slotCount)
    cursor.move(to: position)
    var agenda = reached.map { nodes[$0].configuration }
    var values = Set(agenda.map(\.value))
    var seen = Set(agenda)
    while let configuration = agenda.popLast(), seen.count < Self.triedAtFailure {
      cursor.everyMove(from: configuration, uses) { move in
        var next = configuration
        cursor.take(move, &next, &uses)
        values.insert(next.value)
        if seen.insert(next).inserted { agenda.append(next) }
      }
    }
    return UnplaceableOperation(
      operation: event.operation, order: order, values: values.sorted(),
      areValuesIncomplete: seen.count >= Self.triedAtFailure)
  }
}
