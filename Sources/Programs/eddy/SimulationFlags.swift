import ArgumentParser
import EddySimulation

/// The flags of simulated runs only.
///
/// It has many stored properties because each is a flag of the same name.
struct SimulationFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Run every seed of a range, such as 1..1000, and list those that fail.", valueName: "range"),
    transform: Self.range)
  var seeds: ClosedRange<UInt64>?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The number of processes that run the seeds of a range (default: the number of processors).",
      valueName: "number"), transform: FlagValue.positive)
  var jobs: Int?

  @Flag(
    help: """
      Draw nodes, clients, rate, latencies, faults and clocks from the seed. Values given by other flags are not drawn.
      """)
  var swarm = false

  @Flag(
    help: "Shrink a failing run to one with fewer nodes, operations and faults that fails in the same way.")
  var shrink = false

  @Option(.operations, without: "no limit") var operations: PlanArgument?
  @Option(.without) var without: PlanArgument?
  @Option(.faults, without: "no limit") var faults: PlanArgument?
  @Option(.clockSkew) var clockSkew: PlanArgument?
  @Option(.clockDrift) var clockDrift: PlanArgument?
  @Option(.clockJump) var clockJump: PlanArgument?
  @Option(.slowNodes) var slowNodes: PlanArgument?
  @Option(.processingDelay) var sluggishness: PlanArgument?
  @Option(.linkSpread) var linkSpread: PlanArgument?

  @Flag(help: ArgumentHelp(PlanOption.disk.help)) var disk = false
  @Option(.diskLatency) var diskLatency: PlanArgument?
  @Option(.diskFaults, without: "none") var diskFaults: PlanArgument?

  @Flag(help: "Print all messages and log lines of the nodes.")
  var transcript = false

  private static func range(_ text: String) throws -> ClosedRange<UInt64> {
    let ends = text.split(separator: ".", omittingEmptySubsequences: true).map { UInt64($0) }
    guard text.contains(".."), ends.count == 2, let first = ends[0], let last = ends[1] else {
      throw ValidationError("must be a range such as 1..1000")
    }
    guard first <= last else { throw ValidationError("must begin with the smaller seed") }
    guard last - first < UInt64(Int.max) else { throw ValidationError("must name fewer seeds") }
    return first...last
  }
}
