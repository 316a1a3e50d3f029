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

  /// - Parameters:
  ///   - run: A run that has not begun.
  ///   - conditions: What is out of the ordinary with clocks and nodes.
  ///   - logLevel: The minimum level of what nodes log.
  ///   - makeHandler: Makes the handler of a node, each time it starts.
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
    host.failed = { [run] cause, node in run.fail(RunFailure(cause, node: run.options.nodes[node])) }
  }

  /// What the nodes logged, in order.
  public var log: [LogLine] { host.log }

  /// Runs from the first message to the last.
  public func runToEnd() {
    let cluster = VirtualCluster(host, carrier: self)
    run.begin(at: cluster.now)
    carryOut(at: cluster.now)
    while !run.isFinished, cluster.step(by: Instant(nanoseconds: .max)) {}
  }

  private func carryOut(at now: Instant) {
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

extension SimulatedCluster: MessageCarrier {
  var nextDeadline: Instant? { run.nextDeadline }

  func take(_ line: UnsafeRawBufferPointer, from node: Int, at now: Instant) {
    run.receive(line, from: node, at: now)
  }

  func advance(to now: Instant) {
    run.advance(to: now)
    carryOut(at: now)
  }
}
