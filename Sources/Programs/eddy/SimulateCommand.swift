import ArgumentParser
import EddyCheckers
import EddyEventLoop
import EddyNetwork
import EddyNode
import EddyProcess
import EddyRegistry
import EddyRun
import EddySimulation
import EddyStore
import EddyTiming

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Runs nodes in virtual time, from a seed: any program, or Eddy's own nodes.",
    discussion: """
      Network, clients, faults and checkers are those of 'eddy test', but the clock is virtual and everything follows \
      from the seed: the same flags give the same run, to the byte. For a program, the last line says whether anything \
      puts that in doubt.

        eddy simulate -w broadcast --bin ./node.py --seed 7
        eddy simulate -w broadcast --bin ./node.py --nemesis partition --seeds 1..100
        eddy simulate -w broadcast --node-count 25 --seed 7 -- --window 1550
        eddy simulate -w broadcast --swarm --seeds 1..1000
        eddy simulate -w broadcast --swarm --seed 42 --shrink
      """)

  @OptionGroup var flags: PlanFlags

  @Option(help: ArgumentHelp("Where the run's files go.", valueName: "directory"))
  var store = "store"

  func validate() throws {
    let plan = try flags.plan()
    if try flags.programs.nodes(arguments: flags.nodeArguments) == nil {
      _ = try factory(plan.options.workload)
    }
  }

  /// Makes the nodes' handlers, as the nodes' flags say.
  private func factory(_ workload: String) throws -> () -> any Handler {
    do {
      if let make = try HandlerRegistry.factory(workload, arguments: flags.nodeArguments) { return make }
    } catch {
      throw ValidationError("the nodes' flags: \(HandlerRegistry.message(for: error, workload))")
    }
    throw ValidationError("Eddy has no nodes of its own for \(workload)")
  }

  func run() throws {
    let simulation = flags.simulation
    guard let seeds = simulation.seeds else { return try runOnce(flags.plan()) }
    let failing = try simulation.jobs == 1 ? sweepHere(seeds) : sweep(seeds)
    let console = Console()
    for line in failing { console.report(line) }
    guard simulation.jobs != 1 else { throw ExitCode(failing.isEmpty ? 0 : 1) }
    console.report("\(seeds.count) seeds, \(failing.count) failing")
    guard let first = failing.first else { return }
    // Repeat the first failing run and keep its files.
    if let seed = UInt64(first.split(separator: " ")[1].dropLast()) { try runOnce(flags.plan(seed: seed)) }
    throw ExitCode(1)
  }

  private func carryOut(_ plan: SimulationPlan) throws -> SimulationOutcome {
    let outcome: SimulationOutcome?
    if let nodes = try flags.programs.nodes(arguments: flags.nodeArguments) {
      outcome = nodes.carryOut(plan)
    } else {
      let makeHandler = try factory(plan.options.workload)
      outcome = plan.run { _ in makeHandler() }
    }
    guard let outcome else {
      throw ValidationError("there is no workload \(plan.options.workload)")
    }
    return outcome
  }

  private func runOnce(_ plan: SimulationPlan) throws {
    let console = Console()
    var outcome = try carryOut(plan)
    if flags.simulation.shrink { outcome = try shrink(outcome, console) }
    if flags.simulation.transcript {
      console.report(outcome.run.network.journal.transcript(log: outcome.log))
    }
    let directory = try RunDirectory(store: store, workload: plan.options.workload, time: System.wallClockNow)
    console.report("replay: \(outcome.plan.command)")
    // Equal digests mean equal histories.
    console.report("digest: \(outcome.digest)")
    throw RunConclusion(
      simulated: outcome, directory: directory, console: console, notes: notes(on: outcome.plan),
      isCheckedForDefault: flags.programs.bin != nil && flags.run.consistencyModels == nil,
      writesEDN: flags.run.edn
    ).conclude(outcome)
  }

  /// Notes on what the run demands beyond the promises of Eddy's own nodes.
  private func notes(on plan: SimulationPlan) -> [String] {
    guard flags.programs.bin == nil else { return [] }
    let promise = flags.promise(of: plan.options.workload)
    return promise.notes(on: plan.options, areModelsGiven: flags.run.consistencyModels != nil)
  }

  /// Returns the smallest run found that fails in the same way.
  private func shrink(_ outcome: SimulationOutcome, _ console: Console) throws -> SimulationOutcome {
    guard let symptom = outcome.symptom else {
      console.report("--shrink: nothing to shrink: the run does not fail")
      return outcome
    }
    // A run of programs takes tens of times as long.
    var shrinker = Shrinker(attempts: flags.programs.bin == nil ? 2_000 : 400) {
      (try? carryOut($0).symptom) == symptom
    }
    let smallest = try carryOut(shrinker.shrink(outcome.plan))
    console.report("shrunk: from \(outcome.size) to \(smallest.size), with the same symptom: \(symptom)")
    return smallest
  }

  private func sweep(_ seeds: ClosedRange<UInt64>) throws -> [String] {
    let jobs = flags.simulation.jobs ?? System.processorCount
    let arguments = Array(CommandLine.arguments.dropFirst())
    return try SeedSweep(
      arguments, seeds: seeds, jobs: jobs, isPinned: flags.programs.bin != nil, console: Console()
    )
    .run()
  }

  private func sweepHere(_ seeds: ClosedRange<UInt64>) throws -> [String] {
    try seeds.compactMap { seed in
      let outcome = try carryOut(flags.plan(seed: seed))
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
