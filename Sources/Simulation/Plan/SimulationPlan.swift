public import EddyCheckers
public import EddyHistory
import EddyNetwork
public import EddyNode
public import EddyRun
import EddyTiming

/// All that decides a simulated run: its options, its conditions, and the nodes' own flags.
public struct SimulationPlan: Sendable, Equatable {
  /// What decides any run, the seed included.
  public var options: TestOptions
  /// What only a simulation can do to nodes.
  public var conditions: Conditions
  /// The flags of the node program, such as `--window 1550`.
  public var nodeArguments: [String]

  /// A plan; conditions are none by default.
  public init(_ options: TestOptions, conditions: Conditions = Conditions(), nodeArguments: [String] = []) {
    self.options = options
    self.conditions = conditions
    self.nodeArguments = nodeArguments
  }

  /// Carries it out with the workload that its options name. Returns nil if there is none of that name.
  ///
  /// - Parameter makeHandler: Makes the handler of a node, each time the node starts.
  public func run(makeHandler: @escaping (_ node: Int) -> any Handler) -> SimulationOutcome? {
    WorkloadRegistry.workload(options).map { run($0, makeHandler: makeHandler) }
  }

  /// Carries it out with any workload, whatever name its options give.
  ///
  /// - Parameters:
  ///   - workload: The clients' side.
  ///   - makeHandler: Makes the handler of a node, each time the node starts.
  public func run(
    _ workload: any Workload, makeHandler: @escaping (_ node: Int) -> any Handler
  ) -> SimulationOutcome {
    let run = TestRun(options, workload: workload)
    let cluster = SimulatedCluster(run, conditions: conditions, makeHandler: makeHandler)
    cluster.runToEnd()
    return SimulationOutcome(plan: self, run: run, log: cluster.log, checker: workload.checker)
  }
}

/// What came of a simulated run.
public struct SimulationOutcome {
  /// What was run.
  public let plan: SimulationPlan
  /// The run, at its end.
  public let run: TestRun
  /// What the nodes logged.
  public let log: [LogLine]
  /// The verdict of all checkers.
  public let results: Results
  /// The workload's own checker.
  public let checker: any Checker

  init(plan: SimulationPlan, run: TestRun, log: [LogLine], checker: any Checker) {
    self.plan = plan
    self.run = run
    self.log = log
    self.checker = checker
    results = Results(
      history: run.history, network: run.network.statistics, availability: plan.options.availability,
      workload: checker)
  }

  /// Why the run could not be carried out, or nil if it was.
  public var failure: RunFailure? {
    if case .failed(let failure) = run.phase { failure } else { nil }
  }

  /// A number that two runs share if and only if, in all likelihood, their histories are the
  /// same to the byte: FNV-1a of the history's file.
  public var digest: UInt64 {
    var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    HistoryFile.encode(run.history) { line in
      for byte in line { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
    return digest
  }
}
