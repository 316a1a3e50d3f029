public import EddyCheckers
public import EddyHistory
import EddyNetwork
public import EddyNode
public import EddyRun
import EddyTiming

/// Everything that determines a simulated run: its options, its conditions, and the flags of the nodes.
public struct SimulationPlan: Sendable, Equatable {
  /// The options of the run, including the seed.
  public var options: TestOptions
  /// Conditions that only a simulation can impose.
  public var conditions: Conditions
  /// The flags of the node program, such as `--window 1550`.
  public var nodeArguments: [String]
  /// The words of the command line that name the program that the nodes run, such as `--bin node.py`; empty for Eddy's
  /// own nodes.
  public var programFlags: [String] = []

  /// Creates a plan, by default without special conditions.
  public init(_ options: TestOptions, conditions: Conditions = Conditions(), nodeArguments: [String] = []) {
    self.options = options
    self.conditions = conditions
    self.nodeArguments = nodeArguments
  }

  /// Runs the plan with the workload that its options name. Returns nil if there is none of that name.
  ///
  /// - Parameter makeHandler: Makes the handler of a node; called for each start.
  public func run(makeHandler: @escaping (_ node: Int) -> any Handler) -> SimulationOutcome? {
    WorkloadRegistry.workload(options).map { run($0, makeHandler: makeHandler) }
  }

  /// Runs the plan with any workload; the name in its options does not count.
  ///
  /// - Parameters:
  ///   - workload: The client's side.
  ///   - makeHandler: Makes the handler of a node; called for each start.
  public func run(
    _ workload: any Workload, makeHandler: @escaping (_ node: Int) -> any Handler
  ) -> SimulationOutcome {
    let run = TestRun(options, workload: workload)
    return self.run(
      workload, run, SimulatedCluster(run, conditions: conditions, makeHandler: makeHandler))
  }

  /// Runs the plan with nodes of any kind. Returns nil if there is no workload that its options name.
  ///
  /// - Parameter makeNodes: Makes the nodes of a run from a seed; called once.
  package func run(makeNodes: (TestRun, _ seed: UInt64) throws -> any VirtualNodes) rethrows
    -> SimulationOutcome?
  {
    guard let workload = WorkloadRegistry.workload(options) else { return nil }
    let run = TestRun(options, workload: workload)
    let nodes = try makeNodes(run, SimulatedCluster.seed(of: run))
    return self.run(workload, run, SimulatedCluster(run, conditions: conditions, nodes: nodes))
  }

  private func run(_ workload: any Workload, _ run: TestRun, _ cluster: SimulatedCluster) -> SimulationOutcome
  {
    cluster.runToEnd()
    var outcome = SimulationOutcome(plan: self, run: run, log: cluster.log, checker: workload.checker)
    outcome.reproducibility = cluster.reproducibility
    outcome.unfinishedLine = cluster.unfinishedLine
    return outcome
  }
}

/// The outcome of a simulated run.
public struct SimulationOutcome {
  /// The plan that was run.
  public let plan: SimulationPlan
  /// The finished run.
  public let run: TestRun
  /// The nodes' log lines.
  public let log: [LogLine]
  /// The results of all checkers.
  public let results: Results
  /// The workload's checker.
  public let checker: any Checker
  /// Whether another run gives the same messages; nil for Eddy's own nodes, whose runs always do.
  public var reproducibility: Reproducibility?
  /// The beginning of the last output line of the program that failed, if the line has no newline; otherwise empty.
  public internal(set) var unfinishedLine: [UInt8] = []

  init(plan: SimulationPlan, run: TestRun, log: [LogLine], checker: any Checker) {
    self.plan = plan
    self.run = run
    self.log = log
    self.checker = checker
    results = Results(of: run, checker: checker)
  }

  /// The failure that ended the run early; nil if there was none.
  public var failure: RunFailure? {
    if case .failed(let failure) = run.phase { failure } else { nil }
  }

  /// A digest of the history: FNV-1a of the bytes of its file. Two runs with the same digest almost certainly
  /// have the same history.
  public var digest: UInt64 {
    var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    HistoryFile.encode(run.history) { line in
      for byte in line { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
    return digest
  }
}
