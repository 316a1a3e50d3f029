import EddyRun
import Testing

@testable import EddyCheckers

/// Which consistency models a history satisfies, told by the strongest of them.
@Suite struct StrongestModelTests {
  private static let runs = RecordedRun.all.filter { $0.options.workload == "txn-rw-register" }

  @Test(arguments: runs)
  func theModelsThatAHistorySatisfiesAreTheStrongestAndWhatTheyImply(run: RecordedRun) throws {
    let history = try run.history()
    let strongest = RWRegisterChecker.strongestModels(satisfiedBy: history)
    for model in ConsistencyModel.allCases {
      let isSatisfied = RWRegisterChecker([model]).check(history).validity != .invalid
      let isCovered = strongest.contains {
        model.isImplied(by: $0) || model.whatItRulesOut.isSubset(of: $0.whatItRulesOut)
      }
      #expect(isSatisfied == isCovered, "\(model.rawValue) \(strongest.map(\.rawValue))")
    }
    for model in strongest { #expect(!strongest.contains { $0 != model && model.isImplied(by: $0) }) }
  }
}
