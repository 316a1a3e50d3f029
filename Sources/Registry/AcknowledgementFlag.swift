public import ArgumentParser
public import EddyWorkloads

/// The flag of workloads that keep values in memory.
struct AcknowledgementFlag: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      When a value is acknowledged: local (this node has it in memory) or replicated (another node has it too, so \
      that it survives the crash of any one node).
      """, valueName: "when"))
  var ack = Acknowledgement.local

  /// What nodes that keep values in memory promise.
  func promise(_ workload: String) -> NodePromise {
    let loss =
      switch ack {
      case .local:
        """
        \(workload) keeps values in memory, and kill erases them: a value that no other node has is lost. \
        With -- --ack replicated a value survives the crash of any one node.
        """
      case .replicated:
        """
        with --ack replicated \(workload) keeps an acknowledged value in the memory of two nodes: it survives the \
        crash of any one node, not of several at once, and kill can stop several at once.
        """
      }
    return NodePromise(lossWhenKilled: loss)
  }
}

extension Acknowledgement: ExpressibleByArgument {}
