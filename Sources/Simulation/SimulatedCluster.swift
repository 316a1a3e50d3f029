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
  private let nodes: any VirtualNodes

  /// - Parameters:
  ///   - run: A run that has not begun.
  ///   - conditions: Conditions of clocks, links and slow nodes during the whole run.
  ///   - logLevel: The minimum level of the nodes' log lines.
  ///   - makeHandler: Makes the handler of a node; called for each start.
  public convenience init(
    _ run: TestRun, conditions: Conditions = Conditions(), logLevel: LogLevel = .info,
    makeHandler: @escaping (_ node: Int) -> any Handler
  ) {
    let host = NodeHost(
      count: run.options.nodes.count, seed: Self.seed(of: run), logLevel: logLevel, disks: conditions.disks,
      makeHandler: makeHandler)
    host.limits = run.limits
    self.init(run, conditions: conditions, nodes: host)
  }

  /// - Parameters:
  ///   - run: A run that has not begun.
  ///   - conditions: Conditions of clocks, links and slow nodes during the whole run.
  ///   - nodes: The nodes, none of which has been started.
  package init(_ run: TestRun, conditions: Conditions, nodes: any VirtualNodes) {
    self.run = run
    self.nodes = nodes
    conditions.apply(to: nodes, &run.network, count: run.options.nodes.count, seed: Self.seed(of: run))
    nodes.failed = { [run] cause, node in run.fail(RunFailure(cause, node: run.options.nodes[node])) }
  }

  /// The seed of everything about the nodes. The run's own generator is not used: its course must not depend on what
  /// runs the nodes.
  package static func seed(of run: TestRun) -> UInt64 { run.options.seed ^ 0x5EED_0F_90DE5 }

  /// Whether another run gives the same messages; nil if that is certain by construction.
  var reproducibility: Reproducibility? { nodes.reproducibility }

  /// The beginning of the last output line of the node that failed, if the line has no newline; otherwise empty.
  var unfinishedLine: [UInt8] {
    guard case .failed(let failure) = run.phase, let node = run.options.nodes.firstIndex(of: failure.node)
    else {
      return []
    }
    return nodes.unfinishedLine(of: node)
  }

  /// The nodes' log lines, in order.
  public var log: [LogLine] { nodes.log }

  /// Runs to the end.
  public func runToEnd() {
    let cluster = VirtualCluster(nodes, carrier: self)
    run.begin(at: cluster.now)
    carryOut(at: cluster.now)
    while !run.isFinished, cluster.step(by: Instant(nanoseconds: .max)) {}
  }

  private func carryOut(at now: Instant) {
    var actions = run.takeActions()
    while !actions.isEmpty {
      for action in actions {
        switch action {
        case .start(let node): nodes.start(node)
        case .deliver(let line, let node): nodes.deliver(line, to: node, at: now)
        case .kill(let node): nodes.kill(node)
        case .pause(let node): nodes.pause(node)
        case .resume(let node): nodes.resume(node, at: now)
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
