public import EddyHistory

/// Judges transactions over registers by consistency models.
///
/// This is Elle's `rw-register` with the options that Maelstrom passes. It finds all that Elle finds, and in
/// addition: G0 that is visible only in intermediate reads and writes, reads of values that no transaction
/// wrote, transactions that read their own later writes, and cycles through transactions of unknown outcome
/// whose writes were read (Elle's `rw_register.clj` lists these as future work).
///
/// - Complexity: O(accesses + length of the history) for short transactions, without G-single cycles; see
///   `Reachability` for those.
public struct RWRegisterChecker: TransactionChecker {
  public var models: [ConsistencyModel]

  public init(_ models: [ConsistencyModel]) { self.models = models }

  public func check(_ history: History) -> CheckResult {
    let index = TransactionHistory(registers: history, infersCommits: isRuledOut(.g1a))
    let versions = VersionOrder(registers: index)
    return judge(history, index, versions, DirectAnomalies(registers: index, versions))
  }
}
