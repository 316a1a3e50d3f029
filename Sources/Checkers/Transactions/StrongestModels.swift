public import EddyHistory

extension TransactionChecker {
  /// The strongest models that a history satisfies, in the order of declaration.
  ///
  /// Each model is checked on its own: a check reports only one of several cycles through the same
  /// transactions, so its anomalies do not determine all violated models. Of models that histories of
  /// transactions cannot distinguish, only the weakest is checked and returned.
  ///
  /// - Complexity: About ten times that of `check`.
  public static func strongestModels(satisfiedBy history: History) -> [ConsistencyModel] {
    var verdicts: [Set<TransactionAnomaly>: Bool] = [:]
    // Weaker models come first: a violation of one is a violation of all stronger ones.
    var broken: [ConsistencyModel] = []
    let satisfied = ConsistencyModel.distinguishable.filter { model in
      let isSatisfied =
        !broken.contains { $0.isImplied(by: model) }
        && (verdicts[model.whatItRulesOut] ?? (Self([model]).check(history).validity != .invalid))
      verdicts[model.whatItRulesOut] = isSatisfied
      if !isSatisfied { broken.append(model) }
      return isSatisfied
    }
    return satisfied.filter { model in !satisfied.contains { $0 != model && model.isImplied(by: $0) } }
  }
}

extension ConsistencyModel {
  /// The models that forbid more than every weaker model.
  fileprivate static let distinguishable = allCases.filter { model in
    !allCases.contains {
      $0 != model && $0.isImplied(by: model) && $0.whatItRulesOut == model.whatItRulesOut
    }
  }
}
