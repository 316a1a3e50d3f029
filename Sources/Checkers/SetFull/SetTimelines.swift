import EddyHistory
import EddyNode

/// The timeline of each element of a grow-only set.
///
/// Three points of a timeline classify an element, as in Jepsen's `set-full`: when it was first known to
/// be in the set, and the latest-invoked reads that returned and that missed it. Every point is an index
/// in the history.
struct SetTimelines {
  /// An element that a client tried to add.
  struct Element {
    /// The first invocation of its add.
    var add: Int
    /// The completion of its add or of the first read that returned it, whichever came first.
    var known: Int?
    /// The invocation of the latest-invoked read that returned it.
    var lastPresent: Int?
    /// The invocation of the latest-invoked read that missed it, of those that completed after `add`.
    var lastAbsent: Int?

    /// Records a read that returned it.
    fileprivate mutating func present(in read: Int, since invocation: Int) {
      if known == nil { known = read }
      lastPresent = max(lastPresent ?? invocation, invocation)
    }

    /// Records a read that missed it.
    fileprivate mutating func absent(since invocation: Int) {
      lastAbsent = max(lastAbsent ?? invocation, invocation)
    }
  }

  /// An element that a read returned more than once.
  struct Duplicate {
    /// The greatest number of copies in one read.
    var copies: Int
    /// The completion of that read.
    var read: Int
  }

  private(set) var interner = JSONInterner()
  /// The elements, by id. Ids are in the order of the first add.
  private(set) var elements: [Element] = []
  private(set) var duplicates: [Int: Duplicate] = [:]
  /// By id: the first read that returned an element before any add of it was invoked.
  private(set) var unexpected: [Int: Int] = [:]
  /// The reads that did not return an array.
  private(set) var malformed: [Int] = []

  private(set) var connectedLatencies: ConnectedLatencies

  private var present = BitSet()
  /// The function that reads.
  private let read: String

  /// - Complexity: O(length of all reads + reads × elements / 64 + elements missed, over all reads).
  init(_ history: History, add: String, read: String) {
    self.read = read
    // All added elements get their ids first. The elements added so far are then always those below a
    // bound, and elements that are read but never added have ids above all of them.
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
  /// How many of these elements were read only on the node that received their first add.
  ///
  /// - Complexity: O(length of all reads).
  func countReadOnlyOnOrigin(_ ids: [Int], _ history: History) -> Int {
    var interner = interner
    var isReadOnOrigin = Array(repeating: false, count: elements.count)
    var isReadElsewhere = isReadOnOrigin
    let origins = elements.map { history.operations[$0.add].node }
    for read in history.clientOperations where read.kind == .ok && read.function == self.read {
      for id in interner.ids(ofElements: read.element) ?? [] where id < elements.count {
        if read.node == origins[id] { isReadOnOrigin[id] = true } else { isReadElsewhere[id] = true }
      }
    }
    return ids.count { isReadOnOrigin[$0] && !isReadElsewhere[$0] }
  }
}

extension Operation {
  /// The element of an add, or the array that a read returned.
  fileprivate var element: RawJSON { value ?? RawJSON.null }
}
