import EddyCheckers
import EddyHistory
import EddyNode
import HistoryScripts
import Testing

/// The search against the definitions, on thousands of small histories of random reads and writes.
struct CycleSearchTests {
  /// What rules out each kind of cycle and all that imply it, and nothing else of its family.
  static let strictest: [(model: ConsistencyModel, cycles: [String])] = [
    (.readUncommitted, ["G0"]),
    (.readCommitted, ["G0", "G1c"]),
    (.consistentView, ["G0", "G1c", "G-single-item"]),
    (.snapshotIsolation, ["G0", "G1c", "G-single-item", "G-nonadjacent-item"]),
    (.serializable, ["G0", "G1c", "G2-item"]),
    (.strongSessionReadUncommitted, ["G0-process"]),
    (.strongSessionReadCommitted, ["G0-process", "G1c-process"]),
    (.strongSessionSnapshotIsolation, ["G0-process", "G1c-process", "G-nonadjacent-item-process"]),
    (.strongSessionSerializable, ["G0-process", "G1c-process", "G2-item-process"]),
    (.strongReadUncommitted, ["G0-realtime"]),
    (.strongReadCommitted, ["G0-realtime", "G1c-realtime"]),
    (.strongSnapshotIsolation, ["G0-realtime", "G1c-realtime", "G-nonadjacent-item-realtime"]),
    (.strictSerializable, ["G0-realtime", "G1c-realtime", "G2-item-realtime"]),
  ]

  @Test(arguments: 0..<8)
  func everyCycleIsFoundAndNoOther(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var cyclic = 0
    for _ in 0..<40 {
      let transactions = randomTransactions(&random)
      let dirty = DependencyReference(transactions, infersCommits: false).hasCycle
      let clean = DependencyReference(transactions).hasCycle
      for (model, cycles) in Self.strictest {
        // Who may read what was never committed says nothing of it by reading it.
        let expected = model.allowsDirtyReads ? dirty : clean
        let result = check([model], transactions)
        // Where versions contradict each other there is no order to go by.
        if result.names.contains("cyclic-versions") { continue }
        let found = result.names.filter { $0.hasPrefix("G") && $0 != "G1a" && $0 != "G1b" }
        #expect(
          !found.isEmpty == cycles.contains { expected[$0] == true }, "\(model): \(script(transactions))")
        for name in found { #expect(expected[name] == true, "\(name): \(script(transactions))") }
        cyclic += found.isEmpty ? 0 : 1
      }
    }
    #expect(cyclic > 20)
  }

  // MARK: Right histories

  /// A store that carries out one transaction after the other, each at some time after its invocation,
  /// and that leaves some of them unanswered, carried out or not.
  @Test(arguments: 0..<8)
  func aStrictlySerializableStoreIsNeverAccused(seed: UInt64) {
    var random = SeededGenerator(seed: 100 + seed)
    var judged = 0
    for _ in 0..<60 {
      let transactions = strictlySerializable(&random)
      let result = check([.strictSerializable], transactions)
      #expect(result.anomalies.isEmpty, "\(result.explanations): \(script(transactions))")
      judged += result.validity == .valid ? 1 : 0
    }
    #expect(judged > 40)
  }

  private func strictlySerializable(_ random: inout SeededGenerator) -> [Txn] {
    var plans: [(effect: Int, txn: Txn)] = []
    var ends = Array(repeating: 0, count: 4)
    for _ in 0..<3 + random.below(8) {
      var process = random.below(ends.count)
      let start = ends[process] + random.below(4)
      let effect = start + random.below(6)
      let isKnown = random.below(3) > 0
      let end = isKnown ? effect + 1 + random.below(3) : start + 1 + random.below(3)
      let steps = (0..<1 + random.below(3)).map { _ in
        (random.below(2) == 0 ? "r" : "w") + String("xyz".randomElement(using: &random)!)
      }
      ends[process] = end
      if !isKnown { process = 100 + plans.count }  // A process of unknown outcome is never used again.
      let outcome = isKnown ? Operation.Kind.ok : .info
      plans.append((effect, txn(steps.joined(separator: " "), start...end, by: process, outcome)))
    }
    var state: [Character: Int] = [:]
    var next = 0
    // At one time, in any order that the intervals allow: by their invocations.
    plans.sort { ($0.effect, $0.txn.milliseconds.lowerBound) < ($1.effect, $1.txn.milliseconds.lowerBound) }
    return plans.map { plan in
      let isLost = plan.txn.outcome != .ok && random.below(3) == 0
      var (txn, local) = (plan.txn, state)
      txn.steps = txn.steps.split(separator: " ").map { step -> String in
        let key = step.last!
        if step.first == "r" { return "\(step)\(local[key].map(String.init) ?? "_")" }
        next += 1
        local[key] = next
        return "\(step)\(next)"
      }.joined(separator: " ")
      if !isLost { state = local }
      return txn
    }
  }

  // MARK: Long cycles

  /// Each transaction misses what the next one writes, in a circle.
  private func ring(of count: Int) -> [(reads: String, writes: String)] {
    let keys = (0..<count).map { Character(UnicodeScalar(0x4E00 + UInt32($0))!) }
    return keys.indices.map { ("r\(keys[$0])_", "w\(keys[($0 + count - 1) % count])1") }
  }

  @Test func aCycleOfThousandsOfAntidependenciesIsG2() {
    let transactions = ring(of: 2000).map { txn("\($0.reads) \($0.writes)") }
    let result = check([.serializable], transactions)
    #expect(result.names == ["G2-item"])
    #expect(result.explanations.contains("and so on to T2000, but T2000 < T1"))
  }

  @Test(arguments: [0, 1000, 1998])
  func oneShortcutAmongThousandsOfAntidependenciesIsGSingle(place: Int) {
    var transactions = ring(of: 2000).map { txn("\($0.reads) \($0.writes)") }
    transactions[place + 1].steps += " wz1"
    transactions[place].steps += " rz1"
    let result = check([.serializable], transactions)
    #expect(result.names == ["G-single-item"])
    #expect(result.anomalies[0].operations.count == 2)
  }

  /// As a node does that never stores anything: the dependencies are a hundred million.
  @Test func manyReadersAndManyWritersOfOneVersionAreNoSquare() {
    let transactions = (1...10_000).map { txn("rx_ wx\($0)") }
    #expect(check([.cursorStability], transactions).names == ["lost-update"])
    #expect(check([.serializable], transactions).names == ["lost-update", "G2-item"])
  }

  // MARK: Random histories

  private func script(_ transactions: [Txn]) -> String {
    transactions.map {
      "\($0.steps) \($0.milliseconds) by \($0.process ?? -1) \($0.outcome?.rawValue ?? "open")"
    }.joined(separator: "; ")
  }

  /// Up to six transactions of up to three steps over two or three keys, each reading anything; of one in
  /// four nobody knows the outcome.
  private func randomTransactions(_ random: inout SeededGenerator) -> [Txn] {
    let keys = Array("xyz".prefix(2 + random.below(2)))
    var written: [Character: Int] = [:]
    var plans = (0..<2 + random.below(5)).map { _ in
      (0..<1 + random.below(3)).map { _ in
        (isWrite: random.below(2) == 0, key: keys[random.below(keys.count)])
      }
    }
    plans.shuffle(using: &random)
    for step in plans.joined() where step.isWrite { written[step.key, default: 0] += 1 }
    var next: [Character: Int] = [:]
    var ends = [0, 0, 0, 0]
    return plans.enumerated().map { number, plan in
      let steps = plan.map { step -> String in
        if step.isWrite {
          next[step.key, default: 0] += 1
          return "w\(step.key)\(next[step.key]!)"
        }
        let value = random.below(written[step.key, default: 0] + 1)
        return "r\(step.key)\(value == 0 ? "_" : "\(value)")"
      }
      let process = random.below(ends.count)
      let start = ends[process] + random.below(4)
      ends[process] = start + 1 + random.below(4)
      let script = steps.joined(separator: " ")
      if random.below(4) > 0 { return txn(script, start...ends[process], by: process) }
      return txn(script, start...ends[process], by: 10 + number, random.below(2) == 0 ? .info : nil)
    }
  }
}

extension ConsistencyModel {
  /// Whether transactions may read what was never committed.
  fileprivate var allowsDirtyReads: Bool {
    [.readUncommitted, .strongSessionReadUncommitted, .strongReadUncommitted].contains(self)
  }
}
