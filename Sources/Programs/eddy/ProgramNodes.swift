import EddyEventLoop
import EddyProcess
import EddyProcessCluster
import EddyRun
import EddySimulation
import EddyVirtualKernel
import EddyVirtualProcesses

/// Runs plans whose nodes are programs.
struct ProgramNodes {
  let program: Program
  let environment: [String]
  let flags: ProgramFlags

  /// Carries out a plan; twice, and compares, if the flags say so. Returns nil if there is no workload of its name.
  func carryOut(_ plan: SimulationPlan) -> SimulationOutcome? {
    guard let (first, lines) = run(plan) else { return nil }
    var outcome = first
    guard flags.verify, let (_, others) = run(plan) else { return outcome }
    if let difference = PrintedLine.firstDifference(lines, others, nodes: plan.options.nodes) {
      outcome.reproducibility?.add(reason: difference)
    }
    return outcome
  }

  private func run(_ plan: SimulationPlan) -> (SimulationOutcome, [PrintedLine])? {
    System.raiseDescriptorLimit()
    // A node that ends while it is written to must not end this process.
    System.ignoreBrokenPipes()
    let directory = DataDirectory(isNeeded: program.needsDirectory)
    var host: ProcessHost?
    defer { host?.end() }
    let outcome = plan.run { run, seed in
      let made = ProcessHost(
        nodeProgram(run.options.nodes, directory), count: run.options.nodes.count, seed: seed,
        order: flags.randomSchedule ? .random : .fair, processor: flags.processor)
      made.limits = run.limits
      made.recordsLines = flags.verify
      if let date = flags.date { made.setDate(date) }
      host = made
      return made
    }
    return outcome.map { ($0, host?.lines ?? []) }
  }

  private func nodeProgram(_ names: [String], _ directory: DataDirectory) -> NodeProgram {
    NodeProgram(path: program.path, environment: environment) {
      [program] node throws(NodeProgram.CannotStart) in
      guard program.needsDirectory else { return program.arguments }
      do throws(Errno) {
        return program.withDirectory(try directory.make(names[node])).arguments
      } catch {
        throw NodeProgram.CannotStart(reason: "\(error): the directory \(directory.path)/\(names[node])")
      }
    }
  }
}

/// The directories of the nodes of one run, which outlive the nodes' kills and are removed with this object.
private final class DataDirectory: Sendable {
  /// Of the same length for every process, because the length of its arguments moves a program's memory.
  let path: String

  init(isNeeded: Bool) {
    let number = String(System.processID)
    path = "/tmp/eddy-data-" + String(repeating: "0", count: max(0, 7 - number.count)) + number
    if isNeeded { try? FileSystem.removeTree(path) }
  }

  deinit { try? FileSystem.removeTree(path) }

  func make(_ name: String) throws(Errno) -> String {
    try FileSystem.makeDirectories("\(path)/\(name)")
    return "\(path)/\(name)"
  }
}
