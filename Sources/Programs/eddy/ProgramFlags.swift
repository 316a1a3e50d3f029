import ArgumentParser
import EddyEventLoop
import EddyProcess
import EddyProcessCluster
import EddyRun
import EddySimulation
import EddyVirtualKernel
import EddyVirtualProcesses

/// The flags of runs of any program in virtual time.
struct ProgramFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Run this program as each node, in any language, without a change. Default: Eddy's own nodes.",
      valueName: "program"))
  var bin: String?

  @Option(
    help: ArgumentHelp(
      "A variable of the nodes' environment; without a value, that of this process. Can be repeated.",
      valueName: "name=value"))
  var env: [String] = []

  @Flag(help: "Draw from the seed which thread runs next, so that other seeds show other schedules.")
  var randomSchedule = false

  @Option(help: .hidden) var processor: Int32?

  /// The program, if one is given.
  func program(arguments: [String]) throws -> NodeProgram? {
    guard let bin else { return nil }
    let program: Program
    do throws(Program.Unusable) {
      program = try Program(path: bin, arguments: arguments)
    } catch {
      throw ValidationError("\(error)")
    }
    let environment = NodeProgram.environment(inherited: System.environment, given: env)
    return NodeProgram(path: program.path, environment: environment) { _ throws(NodeProgram.CannotStart) in
      program.arguments
    }
  }

  func carryOut(_ plan: SimulationPlan, _ program: NodeProgram) throws -> SimulationOutcome {
    System.raiseDescriptorLimit()
    System.ignoreBrokenPipes()
    var host: ProcessHost?
    let outcome = plan.run { run, seed in
      let made = ProcessHost(
        program, count: run.options.nodes.count, seed: seed, order: randomSchedule ? .random : .fair,
        processor: processor)
      made.limits = run.limits
      host = made
      return made
    }
    host?.end()
    guard let outcome else { throw ValidationError("there is no workload \(plan.options.workload)") }
    print("reproducible: \(host?.reproducibility.description ?? "")")
    return outcome
  }
}
