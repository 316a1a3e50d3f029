import ArgumentParser
import Node
import NodeCatalog
import Timing
import Workbench

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Runs Eddy's own nodes in virtual time, from a seed.",
    discussion: """
      The same nodes, network, clients, faults and checkers as in `eddy test`, but nothing waits and everything \
      follows from the seed: the same flags give the same run, to the byte. What follows -- goes to the nodes.

        eddy simulate -w broadcast --node-count 25 --rate 100 --latency 100 --seed 7 -- --window 1450
        eddy simulate -w broadcast --swarm --seeds 1..1000
        eddy simulate -w broadcast --swarm --seed 42 --shrink
      """)

  @OptionGroup var flags: RunFlags
  @OptionGroup var simulation: SimulationFlags

  @Argument(help: "Flags for the nodes.")
  var nodeArguments: [String] = []

  func validate() throws {
    guard try NodeCatalog.factory(flags.workload, arguments: nodeArguments) != nil else {
      throw ValidationError("there are no nodes of Eddy's own for \(flags.workload)")
    }
  }

  func run() throws {
    if let seeds = simulation.seeds {
      try sweep(seeds)
    } else {
      try runOnce(plan(seed: flags.seed ?? 0))
    }
  }

  /// The plan for a seed: drawn from it, or as the flags say.
  private func plan(seed: UInt64) -> SimulationPlan {
    var plan: SimulationPlan
    if simulation.swarm {
      plan = .swarm(workload: flags.workload, faults: SimulationFlags.faults(for: flags.workload), seed: seed)
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
    if simulation.transcript { print(outcome.run.network.journal.transcript(log: outcome.log)) }
    print("replay: \(outcome.plan.command)")
    if let failure = outcome.failure {
      print(failure)
      throw ExitCode(255)
    }
    print(outcome.results.verdict, terminator: "")
    throw ExitCode(outcome.results.validity.exitCode)
  }

  private func sweep(_ seeds: ClosedRange<UInt64>) throws {
    var failing = 0
    for seed in seeds {
      let outcome = try carryOut(plan(seed: seed))
      guard let symptom = outcome.symptom else { continue }
      failing += 1
      print("seed \(seed): \(symptom): \(outcome.plan.command)")
    }
    print("\(seeds.count) seeds, \(failing) failing")
    if failing > 0 { throw ExitCode(1) }
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
