/// A picture of an anomaly as data. EddyReport draws it.
public enum Figure: Sendable {
  /// Operations on a register that no order explains.
  case registerTimeline(RegisterTimeline)
  /// Transactions of which each precedes the next, and the last precedes the first.
  case cycle(TransactionCycle)
}
