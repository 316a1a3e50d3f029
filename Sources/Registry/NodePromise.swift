/// Which faults nodes survive and which consistency they keep, depending on their flags.
///
/// A run that demands more can be invalid although the nodes are correct, so the workbench warns about it.
public struct NodePromise: Sendable, Equatable {
  /// Which acknowledged values are lost when a node is killed, in a sentence or two, with the flag that
  /// prevents it; nil if no value is lost that the workload's checker demands.
  public var lossWhenKilled: String?
  /// The strongest consistency model that transactions keep under all faults, by its name in Maelstrom; nil
  /// if the workload has no transactions.
  public var consistencyModel: String?

  /// Whether a node keeps on its disk what it promises, if it has one: it takes `--data-dir`, and swarms give it
  /// disks.
  public var isDurable: Bool

  /// By default, the promise to survive every fault, without transactions and without a disk.
  public init(lossWhenKilled: String? = nil, consistencyModel: String? = nil, isDurable: Bool = false) {
    self.isDurable = isDurable
    self.lossWhenKilled = lossWhenKilled
    self.consistencyModel = consistencyModel
  }

  /// What is lost under a fault, given by its name in `--nemesis`; nil if the nodes survive it.
  public func loss(under fault: String) -> String? { fault == "kill" ? lossWhenKilled : nil }
}
