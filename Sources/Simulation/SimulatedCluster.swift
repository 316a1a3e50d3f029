public import EddyHistory
public import EddyNode
public import EddyRun
import EddyTiming

/// Runs a test in virtual time: nothing waits, and everything follows from the seed.
///
/// The nodes are the same objects that the daemon runs, and the run is the same that tests real
/// processes; only the clock differs. It jumps from one event to the next.
public final class SimulatedCluster {
  /// The run; its clock is virtual.
  public let run: TestRun
  private let host: NodeHost
  private var now = Instant.zero

  /// - Parameters:
  ///   - conditions: What is out of the ordinary with clocks and nodes.
  ///   - makeHandler: The workload of a node, each time it starts.
  public init(
    _ run: TestRun, conditions: Conditions = Conditions(), logLevel: LogLevel = .info,
    makeHandler: @escaping (_ node: Int) -> any Handler
  ) {
    self.run = run
    // Not drawn from the run's own generator, whose course must not depend on who hosts the nodes.
    let seed = run.options.seed ^ 0x5EED_0F_90DE5
    host = NodeHost(
      count: run.options.nodes.count, seed: seed, logLevel: logLevel, makeHandler: makeHandler)
    host.limits = run.limits
    conditions.apply(to: host, &run.network, nodes: run.options.nodes.count, seed: seed)
    host.printed = { [unowned self] line, node in self.run.receive(line, from: node, at: self.now) }
    host.failed = { [run] cause, node in run.fail(RunFailure(cause, node: run.options.nodes[node])) }
  }

  /// What the nodes logged, in order.
  public var log: [LogLine] { host.log }

  /// Runs from the first message to the last.
  public func runToEnd() {
    run.begin(at: now)
    carryOut()
    while step() {}
  }

  /// Goes on to the next instant at which something happens; false when the run is over.
  private func step() -> Bool {
    guard !run.isFinished, let next = Instant.earliest(run.nextDeadline, host.nextDeadline) else {
      return false
    }
    now = max(now, next)
    host.advance(to: now)
    run.advance(to: now)
    carryOut()
    return true
  }

  private func carryOut() {
    var actions = run.takeActions()
    while !actions.isEmpty {
      for action in actions {
        switch action {
        case .start(let node): host.start(node)
        case .deliver(let line, let node): host.deliver(line, to: node, at: now)
        case .kill(let node): host.kill(node)
        case .pause(let node): host.pause(node)
        case .resume(let node): host.resume(node, at: now)
        }
      }
      actions = run.takeActions()
    }
  }
}
