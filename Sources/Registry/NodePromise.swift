/// What nodes promise beyond the rules of their workload, and what they do not.
///
/// It depends on the nodes' flags. A run that asks for more can be invalid without any mistake in the nodes,
/// so whoever starts one is told.
public struct NodePromise: Sendable, Equatable {
  /// What is lost of the values that were acknowledged when a node is killed, in a sentence or two, with the
  /// flag that helps; nil if nothing is that the workload's checker demands.
  public var lossWhenKilled: String?
  /// The strongest consistency model that transactions keep to under all faults, by its name in Maelstrom;
  /// nil if there are no transactions.
  public var consistencyModel: String?

  /// Promises to survive everything, and no more than what is given.
  public init(lossWhenKilled: String? = nil, consistencyModel: String? = nil) {
    self.lossWhenKilled = lossWhenKilled
    self.consistencyModel = consistencyModel
  }

  /// What a fault costs, by its name in `--nemesis`; nil if the nodes survive it.
  public func loss(under fault: String) -> String? { fault == "kill" ? lossWhenKilled : nil }
}
