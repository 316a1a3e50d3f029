import ArgumentParser
import Node
import Timing
import Workbench
import Workloads

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "Runs Eddy's own nodes in virtual time, from a seed.")

  @OptionGroup var flags: RunFlags
  @Option(help: "The relay's window in milliseconds.") var window = 350
  @Flag var given = false
  @Option var show: Int?

  func run() throws {
    let options = flags.options(seed: flags.seed ?? 1)
    let workload = WorkloadCatalog.workload(options)!
    let run = TestRun(options, workload: workload)
    let cluster = SimulatedCluster(run) { [flags, window, given] _ in
      switch flags.workload {
      case "echo": Echo()
      case "unique-ids": UniqueIDs()
      default: Broadcast(.init(window: .milliseconds(window), topology: given ? .given : .relay))
      }
    }
    cluster.runToEnd()
    let results = Results(history: run.history, network: run.network.statistics, availability: options.availability, workload: workload.checker)
    print(run.phase)
    print(results.verdict)
    if let c = results.workload.details["connected-latencies"] { print("connected", c) }
    if show == 0 { print(results.workload.details["worst-stale"]!) }
    if let show { 
      for event in run.network.journal.events.prefix(show) {
        let m = run.network.journal.messages[event.message]
        print(event.time, event.kind, String(decoding: m.line, as: UTF8.self))
      }
    }
    for line in cluster.log { print(line.text) }
  }
}
