import ArgumentParser
import EddyRegistry
import EddyRun
import EddySimulation

/// The flags that make a plan: a run's, a simulation's, and the nodes' own.
struct PlanFlags: ParsableArguments {
  @OptionGroup var run: RunFlags
  @OptionGroup var simulation: SimulationFlags

  @Argument(
    help: ArgumentHelp(
      "The nodes' own flags; those that begin with a dash follow --.", valueName: "node-flags"))
  var nodeArguments: [String] = []

  /// What the nodes promise that the flags ask for; nothing if there are none, which is refused elsewhere.
  func promise(of workload: String) -> NodePromise {
    (try? HandlerRegistry.flags(workload, arguments: nodeArguments))?.promise ?? NodePromise()
  }

  /// The plan for a seed; nil stands for the seed that was given.
  ///
  /// It is as the flags say. Where they say nothing, transactions are checked for what the nodes promise, and
  /// the rest of a swarm is drawn from the seed.
  func plan(seed: UInt64? = nil) throws -> SimulationPlan {
    var texts = try run.texts().merging(PlanArgument.texts(of: simulation)) { first, _ in first }
    if let seed { texts[PlanOption.seed.name] = String(seed) }
    do throws(OptionError) {
      var plan = try SimulationPlan(texts)
      let workload = plan.options.workload
      let promise = promise(of: workload)
      if run.consistencyModels == nil, let models = promise.models { plan.options.consistencyModels = models }
      if simulation.swarm {
        plan = .swarm(
          workload: workload, faults: promise.survivedFaults, models: plan.options.consistencyModels,
          seed: plan.options.seed)
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
