import ArgumentParser
import EventLoop
import Node
import NodeCatalog
import Store
import Timing
import Workbench

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Runs Eddy's own nodes in virtual time, from a seed.",
    discussion: """
      The same nodes, network, clients, faults and checkers as in `eddy test`, but nothing waits and everything \
      follows from the seed: the same flags give the same run, to the byte. What follows -- goes to the nodes.

        eddy simulate -w broadcast --node-count 25 --rate 100 --latency 100 --seed 7 -- --window 1550
        eddy simulate -w broadcast --swarm --seeds 1..1000
        eddy simulate -w broadcast --swarm --seed 42 --shrink
      """)

  @OptionGroup var flags: RunFlags
  @OptionGroup var simulation: SimulationFlags

  @Option(help: ArgumentHelp("Where the run's files go.", valueName: "directory"))
  var store = "store"

  @Argument(parsing: .postTerminator, help: "Flags for the nodes, behind --.")
  var nodeArguments: [String] = []

  func validate() throws {
    guard try NodeCatalog.factory(flags.workload, arguments: nodeArguments) != nil else {
      throw ValidationError("there are no nodes of Eddy's own for \(flags.workload)")
    }
  }

  func run() throws {
    guard let seeds = simulation.seeds else { return try runOnce(plan(seed: flags.seed ?? 0)) }
    let failing = try simulation.jobs == 1 ? sweepHere(seeds) : sweep(seeds)
    let console = Console()
    for line in failing { console.report(line) }
    guard simulation.jobs != 1 else { throw ExitCode(failing.isEmpty ? 0 : 1) }
    console.report("\(seeds.count) seeds, \(failing.count) failing")
    guard let first = failing.first else { return }
    // The first failure is worth to be looked at: replay it, and keep its files.
    if let seed = UInt64(first.split(separator: " ")[1].dropLast()) { try runOnce(plan(seed: seed)) }
    throw ExitCode(1)
  }

  /// The plan for a seed: drawn from it, or as the flags say.
  private func plan(seed: UInt64) -> SimulationPlan {
    var plan: SimulationPlan
    if simulation.swarm {
      plan = .swarm(workload: flags.workload, faults: Fault.survived(by: flags.workload), seed: seed)
      if let models = flags.consistencyModels { plan.options.consistencyModels = models.values }
    } else {
      plan = SimulationPlan(flags.options(seed: seed))
      simulation.apply(to: &plan)
    }
    plan.nodeArguments = nodeArguments
    return plan
  }

  private func carryOut(_ plan: SimulationPlan) throws -> SimulationOutcome {
    guard let makeWorkload = try NodeCatalog.factory(flags.workload, arguments: plan.nodeArguments),
      let outcome = plan.run(makeWorkload: { _ in makeWorkload() })
    else { throw ValidationError("there is no workload \(flags.workload)") }
    return outcome
  }

  private func runOnce(_ plan: SimulationPlan) throws {
    var outcome = try carryOut(plan)
    if simulation.shrink, let symptom = outcome.symptom {
      var shrinker = Shrinker { (try? carryOut($0).symptom) == symptom }
      outcome = try carryOut(shrinker.shrink(plan))
    }
    let console = Console()
    if simulation.transcript { console.report(outcome.run.network.journal.transcript(log: outcome.log)) }
    let directory = try RunDirectory(store: store, workload: flags.workload, time: System.wallClockNow)
    console.report("replay: \(outcome.plan.command)")
    // Two runs whose histories agree to the byte show the same.
    console.report("digest: \(outcome.digest)")
    throw try RunConclusion(simulated: outcome, directory: directory, console: console, writesEDN: flags.edn)
      .conclude()
  }

  private func sweep(_ seeds: ClosedRange<UInt64>) throws -> [String] {
    let jobs = simulation.jobs ?? System.processorCount
    let arguments = Array(CommandLine.arguments.dropFirst())
    return try SeedSweep(arguments, seeds: seeds, jobs: jobs, console: Console()).run()
  }

  private func sweepHere(_ seeds: ClosedRange<UInt64>) throws -> [String] {
    try seeds.compactMap { seed in
      let outcome = try carryOut(plan(seed: seed))
      return outcome.symptom.map { "seed \(seed): \($0): \(outcome.plan.command)" }
    }
  }
}

extension Validity {
  /// Maelstrom's exit code.
  var exitCode: Int32 {
    switch self {
    case .valid: 0
    case .invalid: 1
    case .unknown: 2
    }
  }
}
