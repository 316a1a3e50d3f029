import ArgumentParser
public import EddyNode
import EddyWorkloads

/// The flags of `eddy-node g-counter`.
public struct GCounterFlags: WorkloadFlags {
  public static let workload = "g-counter"
  public static let abstract = "Counter with increments only, durable in seq-kv."
  public static let example = "--flush 100"

  @OptionGroup var counter: CounterFlags

  public init() {}
  public func makeHandler() -> any Handler { counter.makeCounter(growsOnly: true) }
}

/// The flags of `eddy-node pn-counter`.
public struct PNCounterFlags: WorkloadFlags {
  public static let workload = "pn-counter"
  public static let abstract = "Counter with increments and decrements, durable in seq-kv."
  public static let example = "--flush 100"

  @OptionGroup var counter: CounterFlags

  public init() {}
  public func makeHandler() -> any Handler { counter.makeCounter(growsOnly: false) }
}

/// The flags of both counters.
struct CounterFlags: ParsableArguments {
  private static let standard = Counter.Options(growsOnly: true)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Maximum time that an add waits for others to share a write, in milliseconds. A batch is written earlier \
      once every known client waits in it.
      """, valueName: "ms"))
  var flush = standard.flush.wholeMilliseconds

  @Option(parsing: .unconditional, help: .window)
  var window = standard.window.wholeMilliseconds

  func validate() throws {
    try EddyRegistry.validate("--flush", flush)
    try EddyRegistry.validate("--window", window)
  }

  func makeCounter(growsOnly: Bool) -> Counter {
    Counter(.init(growsOnly: growsOnly, flush: .milliseconds(flush), window: .milliseconds(window)))
  }
}
