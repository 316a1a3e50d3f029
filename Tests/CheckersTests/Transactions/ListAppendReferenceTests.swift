import EddyCheckers
import EddyHistory
import Foundation
import HistoryScripts
import Testing

/// The checker against the definitions of the models, on every short history of a small alphabet.
///
/// With EDDY_EXHAUSTIVE=1 in the environment the alphabets are larger: some minutes in release mode.
struct ListAppendReferenceTests {
  private static let isThorough = ProcessInfo.processInfo.environment["EDDY_EXHAUSTIVE"] != nil

  private static let steps = ["ax", "lx", "ay", "ly"]
  private static let pairs = steps.flatMap { first in steps.map { "\(first) \($0)" } }

  // MARK: Models

  /// Transactions at the same time, so that neither processes nor time order them.
  @Test func concurrentTransactionsAreJudgedAsAllTheirExecutionsAre() {
    let crossing = ["ax ay", "lx ly", "lx ay", "ly ax"]
    var judged = Tally()
    let judge = { (transactions: [Txn]) in judged.add(Self.judgeConcurrent(transactions)) }
    ListHistories(of: 4, from: ["lx ly", "lx ay", "ly ax", "ax"]).visit(judge)
    ListHistories(of: 4, from: ["ax", "ay", "lx ly"]).visit(judge)
    ListHistories(of: 3, from: crossing + Self.steps).visit(judge)
    if Self.isThorough {
      ListHistories(of: 4, from: crossing + Self.steps).visit(judge)
      ListHistories(of: 3, from: Self.steps + Self.pairs).visit(judge)
      ListHistories(of: 4, from: Self.pairs.filter { $0.contains("x") && $0.contains("y") }).visit(judge)
      ListHistories(of: 3, from: ["ax", "lx", "ax ax", "ax lx", "lx ax", "lx lx"]).visit(judge)
    }
    #expect(judged.valid > 500 && judged.invalid > 500, "\(judged)")
  }

  private static func judgeConcurrent(_ transactions: [Txn]) -> Bool {
    let reference = ExecutionReference(transactions)
    let isSerializable = reference.isSerializable()
    expect(.serializable, isSerializable, transactions)
    // Serializable histories are snapshot-isolated: only the others are worth a search.
    guard !isSerializable else { return true }
    let isIsolated = reference.isSnapshotIsolated
    let isAccused = checkLists([.snapshotIsolation], transactions).validity == .invalid
    if isAccused { #expect(!isIsolated, "\(script(transactions))") }
    // Of appends that no read shows the order is unknown, and so is what it would forbid.
    if !isIsolated, hasKnownOrder(transactions) { #expect(isAccused, "\(script(transactions))") }
    return false
  }

  /// Transactions one after the other and overlapping, by one process and by several, and of every outcome.
  @Test func transactionsInOrderAreJudgedAsAllTheirExecutionsAre() {
    var judged = Tally()
    let judge = { (transactions: [Txn]) in
      for transactions in Self.schedules(of: transactions) { judged.add(Self.judgeOrdered(transactions)) }
    }
    ListHistories(of: 2, from: Self.steps + Self.pairs, inOrder: true).visit(judge)
    ListHistories(of: Self.isThorough ? 4 : 3, from: Self.steps, inOrder: true).visit(judge)
    #expect(judged.valid > 500 && judged.invalid > 500, "\(judged)")
  }

  private static func judgeOrdered(_ transactions: [Txn]) -> Bool {
    let reference = ExecutionReference(transactions)
    let isStrict = reference.isSerializable(.realtime)
    expect(.strictSerializable, isStrict, transactions)
    if !isStrict { expect(.strongSessionSerializable, reference.isSerializable(.process), transactions) }
    return isStrict
  }

  private static func expect(_ model: ConsistencyModel, _ isSatisfied: Bool, _ transactions: [Txn]) {
    let result = checkLists([model], transactions)
    #expect((result.validity != .invalid) == isSatisfied, "\(model): \(script(transactions)) \(result.names)")
  }

  // MARK: Cycles

  @Test func everyCycleOverListsIsFoundAndNoOther() {
    var cyclic = 0
    let judge = { (schedules: Int) in
      { (transactions: [Txn]) in
        guard Self.isConsistent(transactions) else { return }
        for transactions in Self.schedules(of: transactions).prefix(schedules) {
          cyclic += Self.compareCycles(transactions)
        }
      }
    }
    let pairs = Self.steps + Self.pairs
    ListHistories(of: 2, from: pairs, inOrder: true).visit(judge(1))
    ListHistories(of: 3, from: Self.isThorough ? pairs : Self.steps, inOrder: true).visit(judge(2))
    #expect(cyclic > 500)
  }

  /// Models that together forbid every kind of cycle in every order.
  private static let models: [ConsistencyModel] = [
    .readCommitted, .snapshotIsolation, .strongSessionReadCommitted, .strongSnapshotIsolation,
    .strictSerializable,
  ]

  /// The number of models that a cycle violates.
  private static func compareCycles(_ transactions: [Txn]) -> Int {
    let expected = DependencyReference(lists: transactions).hasCycle
    var cyclic = 0
    for (model, cycles) in CycleSearchTests.strictest where isThorough || models.contains(model) {
      let found = checkLists([model], transactions).names.filter {
        $0.hasPrefix("G") && $0 != "G1a" && $0 != "G1b"
      }
      #expect(!found.isEmpty == cycles.contains { expected[$0] == true }, "\(model): \(script(transactions))")
      for name in found { #expect(expected[name] == true, "\(name): \(script(transactions))") }
      cyclic += found.isEmpty ? 0 : 1
    }
    return cyclic
  }
}

// MARK: - Histories

extension ListAppendReferenceTests {
  private struct Tally {
    var valid = 0
    var invalid = 0

    mutating func add(_ isValid: Bool) {
      valid += isValid ? 1 : 0
      invalid += isValid ? 0 : 1
    }
  }

  /// The transactions in a row by one process, the second during the first, and each but one with an outcome
  /// that is unknown or a failure.
  private static func schedules(of transactions: [Txn]) -> [[Txn]] {
    let row = transactions.enumerated().map { place, transaction in
      txn(transaction.steps, place * 2...place * 2 + 1, by: place == transactions.count - 1 ? 2 : 1)
    }
    let overlapping = transactions.enumerated().map { place, transaction in
      txn(transaction.steps, place == 1 ? 1...2 : place * 2...place * 2 + (place == 0 ? 1 : 3), by: place % 2)
    }
    var others: [[Txn]] = []
    for place in transactions.indices where transactions[place].steps.contains("a") {
      for outcome in [Operation.Kind.info, .fail] {
        var changed = row
        changed[place].outcome = outcome
        // A process of unknown outcome is never used again.
        changed[place].process = 10
        others.append(changed)
      }
    }
    return [row, overlapping] + others
  }

  /// Whether of all reads of a key one is the beginning of the other.
  private static func isConsistent(_ transactions: [Txn]) -> Bool {
    let reads = transactions.flatMap(\.listSteps).filter { !$0.isAppend }
    return reads.allSatisfy { a in
      reads.allSatisfy { b in
        a.key != b.key || a.elements.starts(with: b.elements) || b.elements.starts(with: a.elements)
      }
    }
  }

  /// Whether at most one transaction appended what no read shows, for each key.
  private static func hasKnownOrder(_ transactions: [Txn]) -> Bool {
    let reads = transactions.flatMap(\.listSteps).filter { !$0.isAppend }
    return "xy".allSatisfy { key in
      let shown = Set(reads.filter { $0.key == key }.flatMap(\.elements))
      return transactions.count { transaction in
        transaction.listSteps.contains { $0.isAppend && $0.key == key && !shown.contains($0.elements[0]) }
      } < 2
    }
  }

  private static func script(_ transactions: [Txn]) -> String {
    transactions.map {
      "\($0.steps) \($0.milliseconds) by \($0.process ?? -1) \($0.outcome?.rawValue ?? "open")"
    }.joined(separator: "; ")
  }
}

/// All histories of some transactions whose micro-operations are given, with all that their reads may return.
///
/// The elements of a key are 1, 2, … in the order of the transactions. A read returns any of them, each at
/// most once, in any order.
private struct ListHistories {
  var count: Int
  var shapes: [String]
  var isOrdered: Bool

  /// - Parameter inOrder: Whether the order of the transactions matters.
  init(of count: Int, from shapes: [String], inOrder: Bool = false) {
    self.count = count
    self.shapes = shapes
    isOrdered = inOrder
  }

  func visit(_ body: ([Txn]) -> Void) { extend([], from: 0, body) }

  private func extend(_ chosen: [String], from first: Int, _ body: ([Txn]) -> Void) {
    guard chosen.count < count else { return complete(chosen, body) }
    for shape in shapes.indices[(isOrdered ? 0 : first)...] {
      extend(chosen + [shapes[shape]], from: shape, body)
    }
  }

  /// Calls `body` with the transactions and each combination of results.
  private func complete(_ shapes: [String], _ body: ([Txn]) -> Void) {
    let all = shapes.joined(separator: " ").split(separator: " ").map(String.init)
    // Histories that differ only in the names of the keys are one.
    guard all[0].last == "x" else { return }
    let results = ["x", "y"].reduce(into: [:]) { results, key in
      results[Character(key)] = arrangements(of: Array(1..<1 + all.count { $0 == "a\(key)" }))
    }
    var steps: [String] = []
    func choose(_ place: Int, _ appended: [Character: Int]) {
      guard place < all.count else { return body(transactions(shapes, steps)) }
      let key = all[place].last!
      if all[place].first == "a" {
        let element = appended[key, default: 0] + 1
        steps.append("\(all[place])\(element)")
        choose(place + 1, appended.merging([key: element]) { $1 })
        steps.removeLast()
      } else {
        for result in results[key]! {
          steps.append(all[place] + (result.isEmpty ? "_" : result.map(String.init).joined()))
          choose(place + 1, appended)
          steps.removeLast()
        }
      }
    }
    choose(0, [:])
  }

  private func transactions(_ shapes: [String], _ steps: [String]) -> [Txn] {
    var rest = steps[...]
    return shapes.map { shape in
      let length = shape.split(separator: " ").count
      defer { rest = rest.dropFirst(length) }
      return txn(rest.prefix(length).joined(separator: " "))
    }
  }

  /// All ordered choices of distinct elements.
  private func arrangements(of elements: [Int]) -> [[Int]] {
    [[]]
      + elements.flatMap { first in
        arrangements(of: elements.filter { $0 != first }).map { [first] + $0 }
      }
  }
}
