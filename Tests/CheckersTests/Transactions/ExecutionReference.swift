import EddyHistory

/// What models promise, word by word: whether there is an execution of a database that explains a history of
/// transactions over lists. It tries all executions, so it is for a handful of transactions.
struct ExecutionReference {
  private let transactions: [Txn]
  private let steps: [[ListStep]]
  private typealias Lists = [Character: [Int]]

  init(_ transactions: [Txn]) {
    self.transactions = transactions
    steps = transactions.map(\.listSteps)
  }

  /// What may precede what, beyond the data.
  enum Order {
    case none
    case process
    case realtime
  }

  /// Whether there is an order in which the transactions, one after the other, read what they read. Those
  /// that failed are left out, and any of those of unknown outcome may be.
  func isSerializable(_ order: Order = .none) -> Bool {
    extend(Lists(), placed: [], order)
  }

  private func extend(_ lists: Lists, placed: [Int], _ order: Order) -> Bool {
    let open = transactions.indices.filter { !placed.contains($0) && transactions[$0].outcome != .fail }
    if open.allSatisfy({ transactions[$0].outcome != .ok }) { return true }
    return open.contains { next in
      let mayBeNext = !open.contains { $0 != next && precedes($0, next, order) }
      guard mayBeNext, let lists = lists.executing(steps[next], isRead: transactions[next].outcome == .ok)
      else { return false }
      return extend(lists, placed: placed + [next], order)
    }
  }

  private func precedes(_ a: Int, _ b: Int, _ order: Order) -> Bool {
    let (first, second) = (transactions[a], transactions[b])
    guard order != .none, first.outcome == .ok else { return false }
    return first.milliseconds.upperBound <= second.milliseconds.lowerBound
      && (order == .realtime || first.process != nil && first.process == second.process)
  }
}

// MARK: - Snapshot isolation

extension ExecutionReference {
  /// Whether there is an order of commits in which each transaction reads a state after some earlier commit,
  /// none commits that appends to what was appended to since its state, and all read what they read.
  var isSnapshotIsolated: Bool { commit(after: [Lists()], writers: [[]], placed: []) }

  /// - Parameters:
  ///   - states: The lists after each commit, from the initial ones on.
  ///   - writers: For each state: the keys that the commit before it appended to.
  private func commit(after states: [Lists], writers: [Set<Character>], placed: [Int]) -> Bool {
    let open = transactions.indices.filter { !placed.contains($0) && transactions[$0].outcome != .fail }
    if open.allSatisfy({ transactions[$0].outcome != .ok }) { return true }
    return open.contains { next in
      let keys = Set(steps[next].filter(\.isAppend).map(\.key))
      return states.indices.contains { snapshot in
        guard writers[(snapshot + 1)...].allSatisfy(keys.isDisjoint),
          states[snapshot].executing(steps[next], isRead: transactions[next].outcome == .ok) != nil,
          let last = states.last?.executing(steps[next], isRead: false)
        else { return false }
        return commit(after: states + [last], writers: writers + [keys], placed: placed + [next])
      }
    }
  }
}

extension [Character: [Int]] {
  /// The lists after a transaction; nil if it would read something else than it did.
  fileprivate func executing(_ steps: [ListStep], isRead: Bool) -> Self? {
    var lists = self
    for step in steps {
      if step.isAppend {
        lists[step.key, default: []] += step.elements
      } else if isRead, lists[step.key] ?? [] != step.elements {
        return nil
      }
    }
    return lists
  }
}
