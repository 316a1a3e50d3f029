public import EddyHistory
public import EddyNode
public import EddyRun
import EddyTiming

/// Drives a run in virtual time. It does not wait, and its course depends only on the options and the seed.
///
/// The nodes are the same objects that the daemon runs, and the run is the same that drives real processes.
/// Only the clock differs: it jumps from one event to the next.
public final class SimulatedCluster {
  /// The run. Its clock is virtual.
  public let run: TestRun
  private let host: NodeHost

  /// - Parameters:
  ///   - run: A run that has not begun.
  ///   - conditions: Conditions of clocks, links and slow nodes during the whole run.
  ///   - logLevel: The minimum level of the nodes' log lines.
  ///   - makeHandler: Makes the handler of a node; called for each start.
  public init(
    _ run: TestRun, conditions: Conditions = Conditions(), logLevel: LogLevel = .info,
    makeHandler: @escaping (_ node: Int) -> any Handler
  ) {
    self.run = run
    // The run's own generator is not used: its course must not depend on the host of the nodes.
    let seed = run.options.seed ^ 0x5EED_0F_90DE5
    host = NodeHost(
      count: run.options.nodes.count, seed: seed, logLevel: logLevel, disks: conditions.disks,
      makeHandler: makeHandler)
    host.limits = run.limits
    conditions.apply(to: host, &run.network, nodes: run.options.nodes.count, seed: seed)
    host.failed = { [run] cause, node in run.fail(RunFailure(cause, node: run.options.nodes[node])) }
  }

  /// The nodes' log lines, in order.
  public var log: [LogLine] { host.log }

  /// Runs to the end.
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
