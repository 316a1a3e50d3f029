import ArgumentParser
import Workbench

/// The flags that make a plan: a run's, a simulation's, and the nodes' own.
struct PlanFlags: ParsableArguments {
  @OptionGroup var run: RunFlags
  @OptionGroup var simulation: SimulationFlags

  @Argument(
    help: ArgumentHelp(
      "The nodes' own flags; those that begin with a dash follow --.", valueName: "node-flags"))
  var nodeArguments: [String] = []

  /// The plan for a seed; nil stands for the seed that was given.
  ///
  /// It is as the flags say, and in a swarm drawn from the seed where they say nothing.
  func plan(seed: UInt64? = nil) throws -> SimulationPlan {
    var texts = try run.texts().merging(PlanArgument.texts(of: simulation)) { first, _ in first }
    if let seed { texts[PlanOption.seed.name] = String(seed) }
    do throws(OptionError) {
      var plan = try SimulationPlan(texts)
      if simulation.swarm {
        let workload = plan.options.workload
        plan = .swarm(workload: workload, faults: Fault.survived(by: workload), seed: plan.options.seed)
        let perNode = max(1, plan.options.concurrency / plan.options.nodes.count)
        try plan.apply(texts.merging([PlanOption.concurrency.name: "\(perNode)n"]) { given, _ in given })
      }
      plan.nodeArguments = nodeArguments
      return plan
    } catch {
      throw ValidationError("\(error)")
    }
  }
}
