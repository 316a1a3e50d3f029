import ArgumentParser
import EddyEventLoop
import EddyProcess
import EddyProcessCluster
import EddyRegistry
import EddyRun
import EddySimulation
import EddyVirtualKernel
import EddyVirtualProcesses

/// The flags of runs of any program in virtual time.
struct ProgramFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Run this program as each node, unchanged, in whatever language it is. Default: Eddy's own nodes.",
      valueName: "path"))
  var bin: String?

  @Option(
    help: ArgumentHelp(
      """
      A variable for the program; a name alone for the value that it has here. Can be repeated. Of this environment \
      the program gets only PATH, HOME, USER, LANG, TZ and the variables of language runtimes, such as PYTHONPATH.
      """, valueName: "name=value"))
  var env: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What the nodes' wall clocks show at the start, in seconds since 1970 (default: 2026-01-01, 00:00 UTC).",
      valueName: "seconds"))
  var date: Int?

  @Flag(
    help: """
      Draw from the seed which thread runs next, and for how many system calls. Finds races between threads. By \
      default threads take turns.
      """
  )
  var randomSchedule = false

  @Flag(help: "Run everything twice, and show the first line that the nodes print differently.")
  var verify = false

  /// The processor that this process and the programs share.
  @Option(help: .hidden) var processor: Int32?

  func validate() throws {
    if bin == nil {
      for (flag, isGiven) in [
        ("--env", !env.isEmpty), ("--date", date != nil), ("--random-schedule", randomSchedule),
        ("--verify", verify),
      ] where isGiven { throw ValidationError("\(flag) is for programs: give one with --bin") }
    }
    if let date, !(0...Self.latestDate).contains(date) {
      throw ValidationError("--date must be from 0 to \(Self.latestDate)")
    }
  }

  /// 2100-01-01: early enough that a wait for a time is not cut.
  private static let latestDate = 4_102_444_800

  /// The words of the command line that repeat these flags.
  var words: [String] {
    guard let bin else { return [] }
    var words = ["--bin", bin]
    for entry in env { words += ["--env", entry] }
    if let date { words += ["--date", "\(date)"] }
    if randomSchedule { words.append("--random-schedule") }
    return words
  }

  /// What the program's nodes are taken to survive: kills only if they have a directory to keep their data in.
  func promise(arguments: [String]) -> NodePromise {
    let isDurable = arguments.contains { $0.contains(Program.directoryWord) }
    return NodePromise(lossWhenKilled: isDurable ? nil : "a program without a directory loses what it knows.")
  }

  /// Refuses what concerns only one kind of nodes.
  func check(_ plan: SimulationPlan) throws(OptionError) {
    if bin != nil, plan.conditions.disks != nil {
      throw OptionError(
        "simulated disks are for Eddy's own nodes; a program's own directory is {dir} among its arguments")
    }
    if bin == nil, plan.conditions.clockJump > 0 {
      throw OptionError("--clock-jump is for programs: Eddy's own nodes read no wall clock")
    }
  }

  /// The program of the nodes; nil for Eddy's own nodes.
  func nodes(arguments: [String]) throws -> ProgramNodes? {
    guard let bin else { return nil }
    do throws(Program.Unusable) {
      return ProgramNodes(
        program: try Program(path: bin, arguments: arguments),
        environment: NodeProgram.environment(inherited: System.environment, given: env), flags: self)
    } catch {
      throw ValidationError("\(error)")
    }
  }
}
