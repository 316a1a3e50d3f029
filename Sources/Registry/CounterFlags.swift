import ArgumentParser
public import EddyNode
import EddyWorkloads

/// The flags of `eddy-node g-counter`.
public struct GCounterFlags: WorkloadFlags {
  public static let workload = "g-counter"
  public static let abstract = "Counter with increments only, durable in seq-kv."

  @OptionGroup var counter: CounterFlags

  public init() {}
  public func makeHandler() -> any Handler { counter.makeCounter(growsOnly: true) }
}

/// The flags of `eddy-node pn-counter`.
public struct PNCounterFlags: WorkloadFlags {
  public static let workload = "pn-counter"
  public static let abstract = "Counter with increments and decrements, durable in seq-kv."

  @OptionGroup var counter: CounterFlags

  public init() {}
  public func makeHandler() -> any Handler { counter.makeCounter(growsOnly: false) }
}

/// The flags of both counters.
struct CounterFlags: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: """
      Maximum time to gather adds before they are stored and acknowledged together, in milliseconds. A batch goes \
      out earlier when every known client waits in it.
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
