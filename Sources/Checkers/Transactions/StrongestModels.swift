public import EddyHistory

extension RWRegisterChecker {
  /// The strongest models that a history satisfies, in the order in which they are declared.
  ///
  /// Each is judged for itself: of several cycles through the same transactions only one is named, so that
  /// what is named for one model does not tell all that is broken. Of models that histories of registers
  /// cannot tell apart, the weakest stands for all.
  ///
  /// - Complexity: Some ten times that of ``check(_:)``.
  public static func strongestModels(satisfiedBy history: History) -> [ConsistencyModel] {
    var verdicts: [Set<TransactionAnomaly>: Bool] = [:]
    // The weaker ones first: what is broken breaks the stronger ones.
    var broken: [ConsistencyModel] = []
    let satisfied = ConsistencyModel.distinguishable.filter { model in
      let isSatisfied =
        !broken.contains { $0.isImplied(by: model) }
        && (verdicts[model.whatItRulesOut] ?? (RWRegisterChecker([model]).check(history).validity != .invalid))
      verdicts[model.whatItRulesOut] = isSatisfied
      if !isSatisfied { broken.append(model) }
      return isSatisfied
    }
    return satisfied.filter { model in !satisfied.contains { $0 != model && model.isImplied(by: $0) } }
  }
}

extension ConsistencyModel {
  /// Those that rule out more than every weaker model.
  fileprivate static let distinguishable = allCases.filter { model in
    !allCases.contains {
      $0 != model && $0.isImplied(by: model) && $0.whatItRulesOut == model.whatItRulesOut
    }
  }
}
