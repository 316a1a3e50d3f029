import EddyHistory
import EddyNode

/// What a history tells of each element of a set that can only grow.
///
/// Three points of an element's time line decide what became of it, as in Jepsen's `set-full`: when
/// it was first known to be in the set, and the latest-invoked reads that did and did not have it.
/// Every point is an index in the history.
struct SetTimelines {
  /// An element somebody tried to add.
  struct Element {
    /// The first invocation of its add.
    var add: Int
    /// The completion of its add or of the first read that had it, whichever came first.
    var known: Int?
    /// The invocation of the latest read that had it.
    var lastPresent: Int?
    /// The invocation of the latest read that did not have it, of those that completed after `add`.
    var lastAbsent: Int?

    /// A read that had it.
    fileprivate mutating func present(in read: Int, since invocation: Int) {
      if known == nil { known = read }
      lastPresent = max(lastPresent ?? invocation, invocation)
    }

    /// A read that did not have it.
    fileprivate mutating func absent(since invocation: Int) {
      lastAbsent = max(lastAbsent ?? invocation, invocation)
    }
  }

  /// An element that came more than once in a read.
  struct Duplicate {
    /// How often it came at most.
    var copies: Int
    /// The read, a completion, in which it did.
    var read: Int
  }

  private(set) var interner = JSONInterner()
  /// The elements by their ids, which are in the order of `add`.
  private(set) var elements: [Element] = []
  private(set) var duplicates: [Int: Duplicate] = [:]
  /// By its id each element read before anybody tried to add it, with the first such read.
  private(set) var unexpected: [Int: Int] = [:]
  /// The reads that returned something else than an array.
  private(set) var malformed: [Int] = []

  private(set) var connectedLatencies: ConnectedLatencies

  private var present = BitSet()
  /// The function that reads.
  private let read: String

  /// - Complexity: O(length of all reads + reads × elements / 64), and O(1) for each element that a
  ///   read missed.
  init(_ history: History, add: String, read: String) {
    self.read = read
    // All that is ever added gets its id first: then the elements added so far are always those
    // below a bound, and what is read but never added lies above them all.
    let adds = history.clientOperations.filter { $0.function == add && $0.kind == .invoke }
    connectedLatencies = ConnectedLatencies(history)
    for operation in adds { _ = interner.id(of: operation.element) }
    elements.reserveCapacity(interner.count)

    for operation in history.clientOperations {
      switch operation.kind {
      case .invoke where operation.function == add: attempt(operation)
      case .ok where operation.function == add:
        if let invocation = history.invocation(of: operation) { acknowledge(invocation, by: operation) }
      case .ok where operation.function == read:
        if let invocation = history.invocation(of: operation) {
          observe(operation, since: invocation, history)
        }
      default: break
      }
    }
  }

  private mutating func attempt(_ add: Operation) {
    guard interner.id(of: add.element) == elements.count else { return }  // Added again.
    elements.append(Element(add: add.index))
    connectedLatencies.added(on: add.node)
  }

  private mutating func acknowledge(_ add: Operation, by completion: Operation) {
    let id = interner.id(of: add.element)
    elements[id].known = elements[id].known ?? completion.index
  }

  private mutating func observe(_ read: Operation, since invocation: Operation, _ history: History) {
    guard let ids = interner.ids(ofElements: read.element) else { return malformed.append(read.index) }
    present.removeAll()
    var copies: [Int: Int] = [:]
    for id in ids {
      if !present.insert(id) {
        copies[id, default: 1] += 1
      } else if id < elements.count {
        elements[id].present(in: read.index, since: invocation.index)
      } else if unexpected[id] == nil {
        unexpected[id] = read.index
      }
    }
    connectedLatencies.beginRead(invocation)
    present.forEachAbsent(below: elements.count) { id in
      elements[id].absent(since: invocation.index)
      guard connectedLatencies.wasEverCut, let known = elements[id].known else { return }
      connectedLatencies.missed(id, knownSince: history.operations[known].time)
    }
    for (id, count) in copies where count > duplicates[id]?.copies ?? 1 {
      duplicates[id] = Duplicate(copies: count, read: read.index)
    }
  }
}

extension SetTimelines {
  /// How many of these elements were read, but on no other node than the one that took them first.
  ///
  /// - Complexity: O(length of all reads).
  func readByTheirOriginOnly(_ ids: [Int], _ history: History) -> Int {
    var interner = interner
    var isReadAtHome = Array(repeating: false, count: elements.count)
    var isReadElsewhere = isReadAtHome
    let origins = elements.map { history.operations[$0.add].node }
    for read in history.clientOperations where read.kind == .ok && read.function == self.read {
      for id in interner.ids(ofElements: read.element) ?? [] where id < elements.count {
        if read.node == origins[id] { isReadAtHome[id] = true } else { isReadElsewhere[id] = true }
      }
    }
    return ids.count { isReadAtHome[$0] && !isReadElsewhere[$0] }
  }
}

extension Operation {
  /// The element an add is about, or the array a read returned.
  fileprivate var element: RawJSON { value ?? RawJSON.null }
}
