public import Node
import Timing

/// Runs a test in virtual time: nothing waits, and everything follows from the seed.
///
/// The nodes are the same objects that the daemon runs, and the run is the same that tests real
/// processes; only the clock differs. It jumps from one event to the next.
public final class SimulatedCluster {
  public let run: TestRun
  private let host: NodeHost
  private var now = Instant.zero

  /// - Parameters:
  ///   - conditions: What is out of the ordinary with clocks and nodes.
  ///   - makeWorkload: The workload of a node, each time it starts.
  public init(
    _ run: TestRun, conditions: Conditions = Conditions(), logLevel: LogLevel = .info,
    makeWorkload: @escaping (_ node: Int) -> any Workload
  ) {
    self.run = run
    // Not drawn from the run's own generator, whose course must not depend on who hosts the nodes.
    let seed = run.options.seed ^ 0x5EED_0F_90DE5
    host = NodeHost(count: run.options.nodes.count, seed: seed, logLevel: logLevel, makeWorkload: makeWorkload)
    conditions.apply(to: host, nodes: run.options.nodes.count, seed: seed)
    host.printed = { [unowned self] line, node in self.run.receive(line, from: node, at: self.now) }
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
    guard !run.isFinished, let next = [run.nextDeadline, host.nextDeadline].compactMap(\.self).min() else {
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

/// What simulated nodes suffer from the start to the end, beside the faults of the nemesis.
public struct Conditions: Sendable, Equatable {
  /// How far the nodes' clocks are off at the start, at most, in either direction.
  public var clockSkew = Duration.zero
  /// By how much clocks run fast or slow at most, in parts per million.
  public var clockDrift = 0
  /// How many nodes are slow.
  public var slowNodes = 0
  /// How long a slow node takes to get round to a message, at most.
  public var sluggishness = Duration.milliseconds(50)

  public init() {}

  func apply(to host: NodeHost, nodes: Int, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    func symmetric(_ most: Int64) -> Int64 { Int64((random.unit() * 2 - 1) * Double(most)) }
    if clockSkew > .zero || clockDrift > 0 {
      for node in 0..<nodes {
        // Never before the clock's own zero: a monotonic clock does not show less.
        let offset = clockSkew + .nanoseconds(symmetric(clockSkew.nanoseconds))
        host.setClock(.init(offset: offset, drift: Int(symmetric(Int64(clockDrift)))), of: node)
      }
    }
    for node in random.shuffle(Array(0..<nodes)).prefix(slowNodes) { host.setSluggishness(sluggishness, of: node) }
  }
}
