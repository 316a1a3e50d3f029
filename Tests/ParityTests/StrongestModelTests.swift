import EddyRun
import Testing

@testable import EddyCheckers

/// Which consistency models a history satisfies, told by the strongest of them.
@Suite struct StrongestModelTests {
  private static let registers = RecordedRun.all.filter { run in
    [
      "g1c-read-committed", "skew-snapshot-isolation", "half-read-committed", "follow-serializable",
      "conflict-strict-serializable", "three-strict-serializable", "si-snapshot-isolation",
      "noiso-read-committed", "ok-strict-serializable",
    ].contains { run.name == "txn-rw-register-\($0)" }
  }
  private static let lists = RecordedRun.all.filter { run in
    ["noiso-strict", "psi-strict-serializable", "si-strict", "stale-strict", "g1a-read-committed", "ok-1"]
      .contains { run.name == "txn-list-append-\($0)" }
  }

  @Test func theRunsAreThere() { #expect(Self.registers.count == 9 && Self.lists.count == 6) }

  @Test(arguments: registers)
  func theModelsThatAHistorySatisfiesAreTheStrongestAndWhatTheyImply(run: RecordedRun) throws {
    try check(run, RWRegisterChecker.self)
  }

  @Test(arguments: lists)
  func theModelsThatAHistoryOfListsSatisfiesAreTheStrongest(run: RecordedRun) throws {
    try check(run, ListAppendChecker.self)
  }

  private func check<Judge: TransactionChecker>(_ run: RecordedRun, _ checker: Judge.Type) throws {
    let history = try run.history()
    let strongest = checker.strongestModels(satisfiedBy: history)
    for model in ConsistencyModel.allCases {
      let isSatisfied = checker.init([model]).check(history).validity != .invalid
      let isCovered = strongest.contains {
        model.isImplied(by: $0) || model.whatItRulesOut.isSubset(of: $0.whatItRulesOut)
      }
      #expect(isSatisfied == isCovered, "\(model.rawValue) \(strongest.map(\.rawValue))")
    }
    for model in strongest { #expect(!strongest.contains { $0 != model && model.isImplied(by: $0) }) }
  }
}
