import ArgumentParser
public import Node
import Workloads

/// The flags of workloads whose nodes gossip.
struct WindowFlag: ParsableArguments {
  @Option(
    help: """
      Milliseconds between two rounds of gossip (default: the workload's own choice). What one node knows takes \
      one window and two network latencies to the others at most; a round costs two messages a node at most.
      """)
  var window: Int?

  func validate() throws {
    guard let window, !(0...3_600_000).contains(window) else { return }
    throw ValidationError("--window must be from 0 to 3600000 milliseconds")
  }

  /// The duration, or a workload's own choice.
  func duration(or standard: Int) -> Duration { .milliseconds(window ?? standard) }
}

public struct GSetFlags: WorkloadFlags {
  public static let workload = "g-set"
  public static let abstract = "A set that can only grow."

  @OptionGroup var gossip: WindowFlag
  @OptionGroup var acknowledgement: AcknowledgementFlag

  public init() {}
  public func makeWorkload() -> any Workload {
    GSet(window: gossip.duration(or: 400), acknowledgement: acknowledgement.ack)
  }
}

public struct TxnRegisterFlags: WorkloadFlags {
  public static let workload = "txn-rw-register"
  public static let abstract = "Transactions over registers, available whatever the network does."

  @OptionGroup var gossip: WindowFlag

  public init() {}
  public func makeWorkload() -> any Workload { TxnRegister(window: gossip.duration(or: 250)) }
}

public struct GCounterFlags: WorkloadFlags {
  public static let workload = "g-counter"
  public static let abstract = "A sum of numbers that are not negative."

  @OptionGroup var counter: CounterFlags

  public init() {}
  public func makeWorkload() -> any Workload { counter.makeCounter(growsOnly: true) }
}

public struct PNCounterFlags: WorkloadFlags {
  public static let workload = "pn-counter"
  public static let abstract = "A sum of numbers of either sign."

  @OptionGroup var counter: CounterFlags

  public init() {}
  public func makeWorkload() -> any Workload { counter.makeCounter(growsOnly: false) }
}

/// The flags of both counters.
struct CounterFlags: ParsableArguments {
  @Option(
    help: """
      For how many milliseconds adds are gathered, to be stored and acknowledged together, unless all clients \
      wait already.
      """)
  var flush = 500

  @OptionGroup var gossip: WindowFlag

  func validate() throws {
    if !(0...3_600_000).contains(flush) {
      throw ValidationError("--flush must be from 0 to 3600000 milliseconds")
    }
  }

  func makeCounter(growsOnly: Bool) -> Counter {
    Counter(.init(growsOnly: growsOnly, flush: .milliseconds(flush), window: gossip.duration(or: 2000)))
  }
}
