import EddyHistory
import EddyNode

/// An index of a history of transactions that read lists and append to them.
struct ListHistory {
  private(set) var index = TransactionHistory(.list)
  private(set) var orders = ListOrders()
  /// Reads that disagree with what their transaction read or appended before, one for each transaction.
  private(set) var internalReads: [Read] = []
  /// Reads of elements that the transaction appended only later, one for each transaction.
  private(set) var futureReads: [Read] = []
  /// The completions with something other than a list in the place of one.
  private(set) var malformed: [Int] = []

  /// A read of a list by a committed transaction.
  struct Read {
    var reader: Int
    var key: Int
    /// The numbers of the elements.
    var list: [Int]
    /// The elements that it had to have, or of a future read the one that it must not have.
    var expected: [Int]
    /// Whether they are the whole list that was due, and not only its end.
    var isWhole = false
  }

  /// - Parameter infersCommits: As for registers, see `TransactionHistory`.
  /// - Complexity: O(micro-operations + elements in the lists that were read), as long as transactions are
  ///   short.
  init(_ history: History, infersCommits: Bool) {
    var index = index
    var lists = self
    index.load(history) { lists.add(&$0) }
    if infersCommits {
      for version in index.versions.indices where lists.orders.witness(of: version) != nil {
        index.noteObserved(version)
      }
    }
    index.noteReaders()
    self = lists
    self.index = index
  }

  /// Adds the accesses of the last transaction, whose micro-operations are the reader's steps.
  private mutating func add(_ index: inout TransactionHistory) {
    let id = index.transactions.count - 1
    let transaction = index.transactions[id]
    let isCommitted = transaction.status == .committed
    let steps = index.reader.steps
    for (place, step) in steps.enumerated() {
      if step.isWrite {
        guard case .single(let element) = step.value else { continue }
        let isLast = !steps[(place + 1)...].contains { $0.isWrite && $0.key == step.key }
        let version = index.version(key: step.key, value: element)
        index.append(.init(version: version, isWrite: true, isExternal: isLast))
      } else if isCommitted {
        addRead(step, steps, place, id, &index)
      }
    }
    if isCommitted { checkInside(steps, id, index.reader) }
  }

  private mutating func addRead(
    _ step: TransactionReader.Step, _ steps: [TransactionReader.Step], _ place: Int, _ id: Int,
    _ index: inout TransactionHistory
  ) {
    guard let list = index.reader.list(step) else {
      return malformed.append(Int(index.transactions[id].operation))
    }
    let version = orders.note(list, of: step.key, by: id, &index)
    let isOwn = list.last.map { last in
      steps.contains { $0.isWrite && $0.key == step.key && $0.value == .single(last) }
    }
    let isRepeated =
      steps.count > 1 && index.accesses(of: id).contains { !$0.isWrite && $0.version == version }
    index.append(.init(version: version, isWrite: false, isExternal: isOwn != true && !isRepeated))
  }
}

// MARK: - Inside a transaction

extension ListHistory {
  /// Checks each read of a committed transaction against its own micro-operations before it, and those after
  /// it. Records the first that disagrees.
  private mutating func checkInside(_ steps: [TransactionReader.Step], _ id: Int, _ reader: TransactionReader)
  {
    guard steps.count > 1 else { return }
    var (foundInternal, foundFuture) = (false, false)
    for (place, step) in steps.enumerated() where !step.isWrite {
      guard let list = reader.list(step) else { continue }
      if !foundInternal, let expected = expectation(of: step.key, steps[..<place], reader),
        !expected.isMet(by: list)
      {
        internalReads.append(
          Read(
            reader: id, key: step.key, list: Array(list), expected: expected.elements,
            isWhole: expected.isWhole))
        foundInternal = true
      }
      let later = steps[place...].lazy.compactMap { $0.appended(to: step.key) }.first { list.contains($0) }
      if !foundFuture, let later {
        futureReads.append(Read(reader: id, key: step.key, list: Array(list), expected: [later]))
        foundFuture = true
      }
    }
  }

  /// What a transaction knows of a list.
  private struct Expectation {
    var elements: [Int]
    /// Whether they are the whole list, and not only its end.
    var isWhole: Bool

    func isMet(by list: ArraySlice<Int>) -> Bool {
      isWhole ? list.elementsEqual(elements) : list.suffix(elements.count).elementsEqual(elements)
    }
  }

  /// What the steps before a read make it expect: the list last read and what was appended since; nil if
  /// nothing.
  private func expectation(
    of key: Int, _ steps: ArraySlice<TransactionReader.Step>, _ reader: TransactionReader
  ) -> Expectation? {
    var appended: [Int] = []
    for step in steps.reversed() where step.key == key {
      if let element = step.appended(to: key) {
        appended.append(element)
      } else if let list = reader.list(step) {
        return Expectation(elements: list + appended.reversed(), isWhole: true)
      }
    }
    return appended.isEmpty ? nil : Expectation(elements: appended.reversed(), isWhole: false)
  }
}

extension TransactionReader {
  /// The list that a step read; nil if it read something else.
  func list(_ step: Step) -> ArraySlice<Int>? {
    switch step.value {
    case .null: []
    case .list(let range): elements[range]
    case .single: nil
    }
  }
}

extension TransactionReader.Step {
  /// The element that the step appends to a key.
  fileprivate func appended(to key: Int) -> Int? {
    guard isWrite, self.key == key, case .single(let element) = value else { return nil }
    return element
  }
}

// MARK: - Version order

extension VersionOrder {
  /// The order of the versions of lists: the longest list that was read of each key. Appends that no read
  /// shows follow all that one does.
  ///
  /// Elements of transactions that have not taken effect are passed over: the order is one of committed
  /// versions.
  ///
  /// - Complexity: O(versions).
  init(lists: ListHistory) {
    let index = lists.index
    var unseen = Array(repeating: [Int](), count: index.keyCount)
    var initial = Array(repeating: -1, count: index.keyCount)
    for (id, version) in index.versions.enumerated() {
      if version.isInitial { initial[version.key] = id }
      guard lists.orders.place(of: id) == nil, let writer = index.committedWriter(of: id) else { continue }
      if unseen[version.key].last != writer { unseen[version.key].append(writer) }
    }
    var pairs: [(Int, Int)] = []
    for key in 0..<index.keyCount {
      var successors = unseen[key].uniqued()
      for version in lists.orders.order(of: key).reversed() {
        for successor in successors { pairs.append((version, successor)) }
        if let writer = index.committedWriter(of: version) { successors = [writer] }
      }
      if initial[key] >= 0 { for successor in successors { pairs.append((initial[key], successor)) } }
    }
    self.init(versionCount: index.versions.count, pairs)
  }
}

extension [Int] {
  /// The elements, each once.
  fileprivate func uniqued() -> [Int] {
    guard count > 1 else { return self }
    var seen: Set<Int> = []
    return filter { seen.insert($0).inserted }
  }
}
