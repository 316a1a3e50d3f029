public import EddyWorkbench

/// A run of the workload: three nodes under partitions, in real time or in virtual time.
public struct TicketRun {
  public var options: TestOptions

  /// - Parameters:
  ///   - seed: Decides operations, faults and latencies.
  ///   - timeLimit: How long tickets are taken.
  public init(seed: UInt64, timeLimit: Duration) {
    options = TestOptions(
      workload: TicketWorkload.name, nodes: TestOptions.nodeNames(3), timeLimit: timeLimit, rate: 100,
      latency: Latency(mean: 5), faults: [.partition], nemesisInterval: .seconds(1), seed: seed)
  }

  /// Runs a program as three processes, writes the run's files below `store`, and returns the verdict.
  public func run(_ program: Program, store: String) throws -> (results: Results, page: String) {
    let workload = TicketWorkload(options)
    let directory = try RunDirectory(
      store: store, workload: options.workload, time: System.wallClockNow)
    let run = TestRun(options, workload: workload)
    if let failure = try ProcessCluster.carryOut(
      run, program: program, logDirectory: directory.nodeLogs)
    {
      throw failure
    }
    let results = try directory.conclude(run, checker: workload.checker)
    return (results, "\(directory.path)/index.html")
  }

  /// Runs a handler as three nodes in virtual time, and returns the verdict.
  public func simulate(_ makeHandler: @escaping () -> any Handler) -> Results {
    SimulationPlan(options).run(TicketWorkload(options)) { _ in makeHandler() }.results
  }
}
