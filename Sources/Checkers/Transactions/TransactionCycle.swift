/// Transactions of which each precedes the next, and the last precedes the first.
public struct TransactionCycle: Sendable {
  /// A transaction with its micro-operations.
  public struct Transaction: Sendable {
    /// A short name, such as `T1`.
    public var name: String
    /// Node, time and index, such as "on n0 at 0.010 s (operation 3)".
    public var place: String
    /// The micro-operations, such as `append 3 12` or `r 3 [10,11]`.
    public var steps: [String]
  }

  /// Why a transaction precedes the next.
  public struct Dependency: Sendable {
    /// `ww`, `wr`, `rw`, `process` or `realtime`.
    public var relation: String
    /// The key and the values, such as "key 3: 11, then 12".
    public var label: String
    /// The indices of the micro-operations that make it, in the two transactions; nil for an order of
    /// processes or of time.
    public var steps: (first: Int?, second: Int?)
  }

  /// The kind of the cycle, such as `G-single-item`.
  public var name: String
  /// The first transactions in the order of the cycle.
  public var transactions: [Transaction]
  /// The number of transactions that follow and are not shown.
  public var hiddenCount: Int
  /// Why each transaction shown precedes the next one. The last of them leads to the first transaction, or to
  /// those that are not shown.
  public var dependencies: [Dependency]
}
