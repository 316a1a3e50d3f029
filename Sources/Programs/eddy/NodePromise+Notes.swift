import EddyCheckers
import EddyHistory
import EddyRegistry
import EddyRun

// What nodes promise, in the terms of the workbench.

extension NodePromise {
  /// The faults under which nothing is lost.
  var survivedFaults: [Fault] { Fault.allCases.filter { loss(under: $0.rawValue) == nil } }

  /// What transactions are checked for if nobody says for what; nil if there are none.
  var models: [ConsistencyModel]? {
    consistencyModel.flatMap { ConsistencyModel(rawValue: $0) }.map { [$0] }
  }

  /// Where a run asks for more than the nodes promise, and what it is checked for if nobody said.
  ///
  /// - Parameter areModelsGiven: Whether the consistency models were asked for by the flag.
  func notes(on options: TestOptions, areModelsGiven: Bool) -> [String] {
    var notes = options.faults.compactMap { loss(under: $0.rawValue) }
    guard let promised = models?.first else { return notes }
    let more = options.consistencyModels.filter { !$0.isImplied(by: promised) }.map(\.rawValue)
    if !more.isEmpty {
      notes.append(
        "Eddy's nodes promise \(promised.rawValue). This run is checked for more: \(more.joined(separator: ", "))."
      )
    } else if !areModelsGiven {
      notes.append(
        "transactions are checked for \(promised.rawValue), which is what Eddy's nodes promise. "
          + "--consistency-models checks for others.")
    }
    return notes
  }
}

extension RWRegisterChecker {
  /// What to know of an invalid history that was checked for Maelstrom's default.
  static func noteOnDefault(_ history: History) -> String {
    let strongest = strongestModels(satisfiedBy: history).map(\.rawValue)
    let satisfied =
      strongest.isEmpty
      ? "This history satisfies none of the models that can be asked for."
      : "The strongest that this history satisfies: \(strongest.joined(separator: ", "))."
    return "strict-serializable is Maelstrom's default for --consistency-models. " + satisfied
  }
}
