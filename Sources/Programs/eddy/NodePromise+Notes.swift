import EddyCheckers
import EddyHistory
import EddyRegistry
import EddyRun

// The nodes' promises in the terms of the workbench.

extension NodePromise {
  /// The faults under which no acknowledged value is lost.
  var survivedFaults: [Fault] { Fault.allCases.filter { loss(under: $0.rawValue) == nil } }

  /// The consistency models that transactions are checked for by default; nil for nodes without transactions.
  var models: [ConsistencyModel]? {
    consistencyModel.flatMap { ConsistencyModel(rawValue: $0) }.map { [$0] }
  }

  /// Notes on where a run demands more than the nodes promise, and on the default consistency model.
  ///
  /// - Parameter areModelsGiven: Whether the flag for consistency models was given.
  func notes(on options: TestOptions, areModelsGiven: Bool) -> [String] {
    var notes = options.faults.compactMap { loss(under: $0.rawValue) }
    guard let promised = models?.first else { return notes }
    let more = options.consistencyModels.filter { !$0.isImplied(by: promised) }.map(\.rawValue)
    if !more.isEmpty {
      notes.append(
        "Eddy's nodes promise \(promised.rawValue); this run is checked for more: \(more.joined(separator: ", "))."
      )
    } else if !areModelsGiven {
      notes.append(
        "transactions are checked for \(promised.rawValue), which is what Eddy's nodes promise. "
          + "Use --consistency-models to check for others.")
    }
    return notes
  }
}

extension TransactionChecker {
  /// A note on an invalid history that was checked for Maelstrom's default.
  static func noteOnDefault(_ history: History) -> String {
    let strongest = strongestModels(satisfiedBy: history).map(\.rawValue)
    let satisfied =
      strongest.isEmpty
      ? "This history satisfies none of the available models."
      : "The strongest models that this history satisfies: \(strongest.joined(separator: ", "))."
    return "strict-serializable is Maelstrom's default for --consistency-models. " + satisfied
  }
}
