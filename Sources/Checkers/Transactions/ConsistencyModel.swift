/// A consistency model of transactions, defined by the anomalies it forbids.
///
/// Models and forbidden anomalies are those of Elle's `consistency_model.clj`, as far as histories of
/// registers and of lists can show them. Models that do not constrain transactions, such as `linearizable`, are
/// omitted: every history would satisfy them.
public enum ConsistencyModel: String, CaseIterable, Sendable {
  case readUncommitted = "read-uncommitted"
  case readCommitted = "read-committed"
  case monotonicView = "monotonic-view"
  case monotonicSnapshotRead = "monotonic-snapshot-read"
  case monotonicAtomicView = "monotonic-atomic-view"
  case cursorStability = "cursor-stability"
  case readAtomic = "read-atomic"
  case updateAtomic = "update-atomic"
  case causalCerone = "causal-cerone"
  case parallelSnapshotIsolation = "parallel-snapshot-isolation"
  case prefix
  case consistentView = "consistent-view"
  case forwardConsistentView = "forward-consistent-view"
  case updateSerializable = "update-serializable"
  case repeatableRead = "repeatable-read"
  case snapshotIsolation = "snapshot-isolation"
  case serializable
  case conflictSerializable = "conflict-serializable"
  case strongSessionReadUncommitted = "strong-session-read-uncommitted"
  case strongSessionReadCommitted = "strong-session-read-committed"
  case strongSessionSnapshotIsolation = "strong-session-snapshot-isolation"
  case strongSessionSerializable = "strong-session-serializable"
  case strongReadUncommitted = "strong-read-uncommitted"
  case strongReadCommitted = "strong-read-committed"
  case strongSnapshotIsolation = "strong-snapshot-isolation"
  case strictSerializable = "strict-serializable"
  case strongSerializable = "strong-serializable"
}

// MARK: - Definitions

extension ConsistencyModel {
  /// The weaker models that this one includes, and the anomalies it forbids beyond theirs.
  private var definition: (includes: [ConsistencyModel], rulesOut: [TransactionAnomaly]) {
    switch self {
    case .readUncommitted:
      ([], [.cycle(.g0, .data), .cyclicVersions, .duplicateElements, .garbageRead])
    case .readCommitted: ([.readUncommitted], [.g1a, .g1b, .cycle(.g1c, .data)])
    case .monotonicView, .monotonicSnapshotRead, .monotonicAtomicView: ([.readCommitted], [])
    case .cursorStability: ([.readCommitted], [.lostUpdate])
    case .readAtomic: ([.monotonicAtomicView], [.internal])
    case .updateAtomic: ([.readAtomic], [.lostUpdate])
    case .causalCerone, .prefix: ([.readAtomic], [])
    case .parallelSnapshotIsolation: ([.causalCerone, .updateAtomic], [])
    case .consistentView: ([.cursorStability, .monotonicView], [.cycle(.gSingleItem, .data)])
    case .forwardConsistentView: ([.consistentView], [])
    case .updateSerializable: ([.forwardConsistentView], [])
    case .repeatableRead: ([.cursorStability, .monotonicAtomicView], [.cycle(.g2Item, .data)])
    case .snapshotIsolation:
      (
        [.forwardConsistentView, .monotonicSnapshotRead, .parallelSnapshotIsolation, .prefix],
        [.cycle(.gNonadjacentItem, .data)]
      )
    case .serializable: ([.repeatableRead, .snapshotIsolation, .updateSerializable], [])
    case .conflictSerializable: ([.serializable], [])  // A synonym, as `strongSerializable` is.
    case .strongSessionReadUncommitted: ([.readUncommitted], [.cycle(.g0, .process)])
    case .strongSessionReadCommitted:
      ([.readCommitted, .strongSessionReadUncommitted], [.cycle(.g1c, .process)])
    case .strongSessionSnapshotIsolation:
      ([.snapshotIsolation, .strongSessionReadCommitted], [.cycle(.gNonadjacentItem, .process)])
    case .strongSessionSerializable:
      ([.serializable, .strongSessionSnapshotIsolation], [.cycle(.g2Item, .process)])
    case .strongReadUncommitted: ([.strongSessionReadUncommitted], [.cycle(.g0, .realtime)])
    case .strongReadCommitted:
      ([.strongSessionReadCommitted, .strongReadUncommitted], [.cycle(.g1c, .realtime)])
    case .strongSnapshotIsolation:
      ([.strongSessionSnapshotIsolation, .strongReadCommitted], [.cycle(.gNonadjacentItem, .realtime)])
    case .strictSerializable:
      ([.strongSessionSerializable, .strongSnapshotIsolation], [.cycle(.g2Item, .realtime)])
    case .strongSerializable: ([.strictSerializable], [])
    }
  }

  /// This model and all models that it includes, directly or indirectly.
  private var included: Set<ConsistencyModel> { Self.closures[self]!.included }

  /// The weakest anomalies that the model forbids. Stronger ones follow by implication.
  private var ruledOut: [TransactionAnomaly] { Self.closures[self]!.ruledOut }

  /// By model: ``included`` and ``ruledOut``, which every check asks for many times.
  private static let closures:
    [ConsistencyModel: (included: Set<ConsistencyModel>, ruledOut: [TransactionAnomaly])] = {
      func included(in model: ConsistencyModel) -> Set<ConsistencyModel> {
        model.definition.includes.reduce([model]) { $0.union(included(in: $1)) }
      }
      return Dictionary(
        uniqueKeysWithValues: allCases.map { model in
          let included = included(in: model)
          return (model, (included, allCases.filter(included.contains).flatMap(\.definition.rulesOut)))
        })
    }()

  /// Whether every history that satisfies `other` satisfies this model.
  public func isImplied(by other: ConsistencyModel) -> Bool { other.included.contains(self) }

  /// The weakest anomalies that the model forbids. Histories cannot distinguish models for which it
  /// is equal.
  var whatItRulesOut: Set<TransactionAnomaly> { Set(ruledOut) }

  func rulesOut(_ anomaly: TransactionAnomaly) -> Bool { ruledOut.contains { anomaly.implies($0) } }

  /// The strongest order that transactions must respect in addition to that of the data.
  var order: CycleOrder {
    ruledOut.map { if case .cycle(_, let order) = $0 { order } else { .data } }.max() ?? .data
  }

  /// The models that a history with these anomalies violates: the weakest of them, and all others. Both in
  /// the order of declaration. Elle reports them as `:not` and `:also-not`.
  static func broken(
    by anomalies: Set<TransactionAnomaly>
  ) -> (weakest: [ConsistencyModel], stronger: [ConsistencyModel]) {
    let broken = allCases.filter { model in anomalies.contains { model.rulesOut($0) } }
    let weakest = broken.filter { model in !broken.contains { $0 != model && model.included.contains($0) } }
    return (weakest, broken.filter { !weakest.contains($0) })
  }
}
