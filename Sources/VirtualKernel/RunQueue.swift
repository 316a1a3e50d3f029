import EddyNode

/// The order in which threads run: first in first out, or drawn from a seed.
public struct RunQueue {
  /// How the next thread is chosen.
  public enum Order: Hashable, Sendable {
    /// The one that has waited longest.
    case fair
    /// Any, drawn from the seed, so that other seeds show other schedules.
    case random
  }

  private var entries: [VirtualThread] = []
  private var first = 0
  private let order: Order
  private var random: SeededGenerator

  public init(_ order: Order, seed: UInt64) {
    self.order = order
    random = SeededGenerator(seed: seed)
  }

  public var isEmpty: Bool { first == entries.count }

  public mutating func add(_ thread: VirtualThread) { entries.append(thread) }

  /// Takes the next thread; nil if there is none.
  public mutating func next() -> VirtualThread? {
    guard !isEmpty else { return nil }
    if order == .random { entries.swapAt(first, first + random.below(entries.count - first)) }
    let thread = entries[first]
    first += 1
    // Removes what has been taken once it is half of the array, so that a thread costs O(1) on average.
    if first * 2 >= entries.count {
      entries.removeFirst(first)
      first = 0
    }
    return thread
  }

  /// The number of stops after which a thread lets others run. Drawn ones are short as often as long: a race shows when
  /// several threads in a row are interrupted within a few calls.
  public mutating func quantum() -> Int {
    order == .fair ? Self.stops : 1 + random.below(1 << random.below(7))
  }

  private static let stops = 32

  /// Takes out the threads of a node. Returns them in their order.
  public mutating func remove(node: Int) -> [VirtualThread] {
    let rest = entries[first...]
    entries = rest.filter { $0.process.node != node }
    first = 0
    return rest.filter { $0.process.node == node }
  }

  /// Takes out the threads of a process, which ends.
  public mutating func remove(_ process: VirtualProcess) {
    entries = entries[first...].filter { $0.process !== process }
    first = 0
  }
}
