import ArgumentParser
import EddyRegistry
import EddyRun
import EddySimulation

/// The flags that define a plan: those of runs, of simulations and of the nodes.
struct PlanFlags: ParsableArguments {
  @OptionGroup var run: RunFlags
  @OptionGroup var simulation: SimulationFlags
  @OptionGroup var programs: ProgramFlags

  @Argument(
    help: ArgumentHelp(
      """
      The arguments of the program that --bin names, or the flags of Eddy's own nodes. Put -- before those that begin \
      with a dash. {dir} stands for a directory of the program's own, as for 'eddy test'.
      """, valueName: "node-flags"))
  var nodeArguments: [String] = []

  /// The promise of the nodes that the flags select; an empty promise if there are no such nodes, which is
  /// refused elsewhere. Of a program nothing is known, but that one with a directory of its own is durable.
  func promise(of workload: String) -> NodePromise {
    if programs.bin != nil { return programs.promise(arguments: nodeArguments) }
    return (try? HandlerRegistry.flags(workload, arguments: nodeArguments))?.promise ?? NodePromise()
  }

  /// Makes the plan for a seed, by default the one given by the flags.
  ///
  /// Flags take precedence. Without them, transactions are checked for the nodes' promise, and a swarm draws
  /// the rest from the seed.
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
          isDurable: promise.isDurable, seed: plan.options.seed)
        let perNode = max(1, plan.options.concurrency / plan.options.nodes.count)
        try plan.apply(texts.merging([PlanOption.concurrency.name: "\(perNode)n"]) { given, _ in given })
      }
      plan.nodeArguments = nodeArguments
      plan.programFlags = programs.words
      try programs.check(plan)
      return plan
    } catch {
      throw ValidationError("\(error)")
    }
  }
}
