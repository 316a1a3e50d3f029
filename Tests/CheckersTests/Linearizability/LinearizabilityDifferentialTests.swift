import EddyNode
import Foundation
import Testing

@testable import EddyCheckers

/// The checker against the definition, on every short trace and on random longer ones.
///
/// Both verdicts are compared. An order that the checker finds is one, and the one that it reports for a
/// failure is as long as it says.
@Suite struct LinearizabilityDifferentialTests {
  private struct Tally {
    var (linearizable, impossible) = (0, 0)
  }

  /// Compares one trace.
  private func compare(_ trace: RegisterTrace, _ tally: inout Tally) {
    let expected = LinearizabilityReference.isLinearizable(trace)
    let verdict = RegisterVerdict(searching: trace)
    if expected { tally.linearizable += 1 } else { tally.impossible += 1 }
    if (verdict == .linearizable) != expected {
      Issue.record("\(trace.operations): \(verdict), but \(expected)")
      return
    }
    if expected {
      let order = RegisterVerdict.linearization(of: trace) ?? []
      if !LinearizabilityReference.isLinearization(order, of: trace) {
        Issue.record("\(trace.operations): \(order) is no linearization")
      }
    } else if case .impossible(let failure) = verdict {
      compare(failure, trace)
    }
    compareBreadth(trace, expected)
    if let zones = UniqueValueZones(trace), zones.isLinearizable != expected {
      Issue.record("\(trace.operations): by zones \(zones.isLinearizable), but \(expected)")
    }
  }

  /// The search in breadth alone, which the search in depth leaves nothing to do with short traces.
  private func compareBreadth(_ trace: RegisterTrace, _ expected: Bool) {
    let count = TraceCursor<NarrowSlotSet>.slotCount(of: trace)
    let start = TraceCursor<NarrowSlotSet>(trace, IndefiniteEffects(trace), slotCount: count)
    let search = RegisterSearch<NarrowSlotSet>(slotCount: count, limit: RegisterVerdict.configurationLimit)
    switch search.searchInBreadth(start) {
    case .linearizable(let moves):
      var order = LinearizationOrder(start, count)
      order.follow(moves)
      if LinearizabilityReference.isLinearization(order.operations, of: trace) { return }
      Issue.record("\(trace.operations): in breadth \(order.operations), which is no linearization")
    case .impossible where !expected: break
    case let outcome:
      Issue.record("\(trace.operations): in breadth \(String(describing: outcome)), but \(expected)")
    }
  }

  /// A failure's order is legal and has all that completed before the operation; the operations that completed
  /// by then cannot be ordered together with it.
  private func compare(_ failure: UnplaceableOperation, _ trace: RegisterTrace) {
    let unplaceable = trace.operations[failure.operation]
    let before = trace.operations.indices.filter {
      trace.operations[$0].completion < unplaceable.completion
    }
    let isWhole = Set(failure.order).isSuperset(of: before) && !failure.order.contains(failure.operation)
    if !isWhole || !LinearizabilityReference.isLegal(failure.order, of: trace) {
      Issue.record("\(trace.operations): the order \(failure.order) before \(failure.operation)")
    }
    // Up to the completion, everything that has not completed is of unknown outcome.
    let prefix = trace.operations.filter { $0.invocation < unplaceable.completion }.compactMap {
      var operation = $0
      if operation.completion > unplaceable.completion { operation.completion = RegisterOperation.never }
      return !operation.isDefinite && operation.function == .read ? nil : operation
    }
    if LinearizabilityReference.isLinearizable(RegisterTrace(prefix, initial: trace.initial)) {
      Issue.record("\(trace.operations): \(failure.operation) can be placed")
    }
    if failure.values.contains(unplaceable.expected) || unplaceable.function == .write {
      Issue.record("\(trace.operations): \(failure.operation) finds its value in \(failure.values)")
    }
  }

  @Test(arguments: 1...3)
  func everyShortTraceIsJudgedAsTheDefinitionHasIt(count: Int) {
    var tally = Tally()
    RegisterTraces.forEach(count: count, RegisterTraces.alphabet) { compare($0, &tally) }
    #expect(tally.linearizable > 0 && tally.impossible > 0)
  }

  @Test func everyTraceOfFourOperationsOverASmallAlphabetIsJudgedAsTheDefinitionHasIt() {
    var tally = Tally()
    let alphabet: [RegisterStep] = [.read(1), .write(1), .write(2), .cas(1, 2), .lostWrite(1)]
    RegisterTraces.forEach(count: 4, alphabet) { compare($0, &tally) }
    #expect(tally.linearizable > 0 && tally.impossible > 0)
  }

  /// `make linearizability` runs it: `EDDY_EXHAUSTIVE=6` for all traces of six operations, which differ in what
  /// precedes what, and `EDDY_EXHAUSTIVE_PART=3/16` for one in 16 of them.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["EDDY_EXHAUSTIVE"] != nil))
  func everyLongerTraceIsJudgedAsTheDefinitionHasIt() throws {
    let environment = ProcessInfo.processInfo.environment
    let count = try #require(environment["EDDY_EXHAUSTIVE"].flatMap { Int($0) })
    let part = (environment["EDDY_EXHAUSTIVE_PART"] ?? "1/1").split(separator: "/").compactMap { Int($0) }
    try #require(part.count == 2 && (1...part[1]).contains(part[0]))
    let alphabet: [RegisterStep] = [
      .read(0), .read(1), .read(2), .write(1), .write(2), .cas(1, 2), .lostWrite(1), .lostCAS(2, 1),
    ]
    var tally = Tally()
    var index = 0
    RegisterTraces.forEach(count: count, alphabet, arePrecedencesDistinct: true) { trace in
      index += 1
      if index % part[1] == part[0] - 1 { compare(trace, &tally) }
    }
    print(
      "\(count) operations, part \(part[0]) of \(part[1]): \(tally.linearizable) linearizable, "
        + "\(tally.impossible) not")
    #expect(tally.linearizable > 0 && tally.impossible > 0)
  }

  @Test(arguments: 4...8)
  func randomTracesAreJudgedAsTheDefinitionHasIt(count: Int) {
    var tally = Tally()
    var random = SeededGenerator(seed: UInt64(count))
    for _ in 0..<600 {
      let overlap = 2 + random.below(4)
      compare(
        RegisterTraces.random(count: count, overlap: overlap, RegisterTraces.alphabet, &random), &tally)
    }
    #expect(tally.linearizable > 0 && tally.impossible > 0)
  }

  /// Few reads, so that most traces have an order and the choices are many.
  @Test func randomTracesOfWritesAndCompareAndSetsAreJudgedAsTheDefinitionHasIt() {
    var tally = Tally()
    var random = SeededGenerator(seed: 99)
    let alphabet: [RegisterStep] = [
      .write(1), .write(2), .write(3), .cas(1, 2), .cas(2, 3), .cas(3, 1), .lostWrite(1), .lostWrite(3),
      .lostCAS(1, 3), .lostCAS(2, 1), .read(1), .read(3),
    ]
    for _ in 0..<800 {
      compare(RegisterTraces.random(count: 7, overlap: 6, alphabet, &random), &tally)
    }
    #expect(tally.linearizable > 0 && tally.impossible > 0)
  }

  /// Most operations have an unknown outcome, and reads show what some of them did.
  @Test(arguments: 6...9)
  func tracesOfUnknownOutcomesAreJudgedAsTheDefinitionHasIt(count: Int) {
    var tally = Tally()
    var random = SeededGenerator(seed: UInt64(count))
    let lost: [RegisterStep] = [
      .lostWrite(1), .lostWrite(2), .lostWrite(3), .lostCAS(0, 1), .lostCAS(1, 2), .lostCAS(2, 3),
      .lostCAS(3, 1), .lostCAS(2, 1),
    ]
    let alphabet = lost + [.read(1), .read(2), .read(3), .cas(1, 2), .cas(3, 2), .write(1), .read(0)]
    for _ in 0..<300 {
      compare(RegisterTraces.random(count: count, overlap: 3, alphabet, &random), &tally)
    }
    #expect(tally.linearizable > 0 && tally.impossible > 0)
  }

  /// One read among 2,000 operations returns another value. 64 operations have an unknown outcome: their uses
  /// have too many combinations for a search in depth.
  @Test(arguments: [1, 3] as [UInt64])
  func aWrongReadAmongManyUnknownOutcomesIsFound(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let right = RegisterTraces.clients(10, operations: 2000, lost: 64, values: 100, &random)
    #expect(RegisterVerdict(searching: right, limit: 100_000) == .linearizable)
    random = SeededGenerator(seed: seed)
    let wrong = RegisterTraces.clients(
      10, operations: 2000, lost: 64, values: 100, wrongReadAt: 1500, &random)
    guard case .impossible(let failure) = RegisterVerdict(searching: wrong, limit: 100_000) else {
      Issue.record("the wrong read was not found")
      return
    }
    compare(failure, ofLongTrace: wrong)
  }

  private func compare(_ failure: UnplaceableOperation, ofLongTrace trace: RegisterTrace) {
    let unplaceable = trace.operations[failure.operation]
    let before = trace.operations.indices.filter { trace.operations[$0].completion < unplaceable.completion }
    #expect(!failure.isOrderPartial)
    #expect(Set(failure.order).isSuperset(of: before))
    #expect(LinearizabilityReference.isLegal(failure.order, of: trace))
    #expect(!failure.values.contains(unplaceable.expected))
  }

  @Test(arguments: [100, 300] as [Int32])
  func moreThan64OperationsAtATimeAreJudged(count: Int32) {
    var operations = (0..<count).map { RegisterOperation.write($0 % 5 + 1, $0, 1000 + $0) }
    operations.append(.read(3, 500, 2000))
    #expect(RegisterVerdict(searching: RegisterTrace(operations, initial: 0)) == .linearizable)
    operations.append(.read(6, 600, 2001))
    guard case .impossible(let failure) = RegisterVerdict(RegisterTrace(operations, initial: 0)) else {
      Issue.record("a value that nobody wrote was placed")
      return
    }
    #expect(failure.operation == Int(count) + 1)
  }
}
