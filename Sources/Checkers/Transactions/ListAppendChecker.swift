public import EddyHistory

/// Judges transactions that read lists and append to them by consistency models.
///
/// This is Elle's `list-append` with the options that Maelstrom passes. It finds all that Elle finds, and in
/// addition: elements that no transaction appended, which Elle throws at; acknowledged appends that the longest
/// later read lacks, by a name of their own; replies that are no transaction, among them a scalar in the place
/// of a list; and the order of committed versions is known across those of aborted transactions.
///
/// The longest list that was read of a key is its version order. That is as good as the reads: appends that
/// none shows follow all others, and nothing is known of their order.
///
/// - Complexity: O(micro-operations + elements read + length of the history) for short transactions, without
///   G-single cycles; see `Reachability` for those.
public struct ListAppendChecker: TransactionChecker {
  public var models: [ConsistencyModel]

  public init(_ models: [ConsistencyModel]) { self.models = models }

  public func check(_ history: History) -> CheckResult {
    let lists = ListHistory(history, infersCommits: isRuledOut(.g1a))
    let versions = VersionOrder(lists: lists)
    let direct = DirectAnomalies(lists: lists, includesLostAppends: isRuledOut(.lostAppend))
    return judge(history, lists.index, versions, direct, orders: lists.orders) {
      $0.explain(malformed: lists.malformed)
    }
  }
}
