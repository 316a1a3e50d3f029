import EddyHistory

/// A micro-operation on a list, as a test writes it.
struct ListStep {
  var isAppend: Bool
  var key: Character
  /// The element appended, or the list read.
  var elements: [Int]
}

extension Txn {
  var listSteps: [ListStep] {
    steps.split(separator: " ").map { step in
      let elements = step.dropFirst(2).compactMap(\.wholeNumberValue)
      return ListStep(isAppend: step.first == "a", key: step.dropFirst().first!, elements: elements)
    }
  }
}

extension DependencyReference {
  /// The dependencies of transactions over lists whose reads do not contradict each other.
  ///
  /// An append precedes all that come later in the longest list of its key, and those that no list shows. A
  /// read precedes the appends that come later than all it shows.
  init(lists all: [Txn]) {
    let committed = all.filter { $0.outcome == .ok }
    let shown = Set(committed.flatMap(\.listSteps).filter { !$0.isAppend }.flatMap(\.versions))
    let transactions = all.compactMap { transaction -> Txn? in
      guard transaction.outcome != .ok else { return transaction }
      guard transaction.outcome != .fail else { return nil }
      var observed = transaction
      observed.steps = observed.steps.split(separator: " ").filter { $0.first == "a" }.joined(separator: " ")
      return observed.listSteps.flatMap(\.versions).contains(where: shown.contains) ? observed : nil
    }
    self.init(ordersOf: transactions)
    let steps = transactions.map(\.listSteps)
    let reads = steps.joined().filter { !$0.isAppend }
    let place = { (step: ListStep) -> Int in
      let longest = reads.filter { $0.key == step.key }.map(\.elements).max { $0.count < $1.count } ?? []
      return step.elements.last.map { longest.firstIndex(of: $0) ?? .max } ?? -1
    }
    for a in steps.indices {
      for b in steps.indices where a != b {
        for first in steps[a] {
          for second in steps[b] where first.key == second.key {
            if first.isAppend, second.isAppend, place(first) < place(second) { ww[a][b] = true }
            if first.isAppend, !second.isAppend, second.elements.last == first.elements.last,
              !Self.isIntermediate(first, steps[a])
            {
              wr[a][b] = true
            }
            let isExternal = !steps[a].contains {
              $0.isAppend && $0.key == first.key && $0.elements.last == first.elements.last
            }
            let isFinal = !steps.contains { Self.isIntermediate(first, $0) }
            if !first.isAppend, second.isAppend, isExternal, isFinal, place(first) < place(second) {
              rw[a][b] = true
            }
          }
        }
      }
    }
  }

  /// Whether the last element of a list was appended by a transaction that appended another one later.
  private static func isIntermediate(_ step: ListStep, _ steps: [ListStep]) -> Bool {
    let appends = steps.filter { $0.isAppend && $0.key == step.key }.map { $0.elements.last }
    return appends.dropLast().contains(step.elements.last)
  }
}

extension ListStep {
  /// The elements, each with its key.
  fileprivate var versions: [String] { elements.map { "\(key)\($0)" } }
}
