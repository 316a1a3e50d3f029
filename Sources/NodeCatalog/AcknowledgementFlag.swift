public import ArgumentParser
public import Workloads

/// The flag of workloads that keep what they are given in memory.
struct AcknowledgementFlag: ParsableArguments {
  @Option(
    help: """
      When a value is acknowledged: local (this node has it in memory) or replicated (another node has it too, so \
      that it survives the crash of any one node).
      """)
  var ack = Acknowledgement.local
}

extension Acknowledgement: ExpressibleByArgument {}
