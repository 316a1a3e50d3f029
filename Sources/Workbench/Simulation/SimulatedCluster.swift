public import Node
import Timing

/// Hosts a run's nodes in virtual time: nothing waits, and everything follows from the seed.
///
/// The nodes are the same objects that the daemon runs, the run is the same that tests real
/// processes; only the clock differs. It jumps from one event to the next.
public final class SimulatedCluster {
  public let run: TestRun
  private let makeWorkload: (Int) -> any Workload
  private var nodes: [Node?]
  private var random: SeededGenerator
  /// The nodes' next deadlines, and for each node its place among them.
  private var deadlines = TimerQueue<Int>()
  private var deadlineIDs: [TimerID?]
  private var now = Instant.zero
  /// The log lines of each node.
  public private(set) var logs: [[String]]
  private let logLevel: LogLevel

  /// - Parameter makeWorkload: The workload of a node, each time it starts.
  public init(_ run: TestRun, logLevel: LogLevel = .info, makeWorkload: @escaping (Int) -> any Workload) {
    self.run = run
    self.makeWorkload = makeWorkload
    self.logLevel = logLevel
    let count = run.options.nodes.count
    nodes = Array(repeating: nil, count: count)
    deadlineIDs = Array(repeating: nil, count: count)
    logs = Array(repeating: [], count: count)
    // Not the run's own generator, whose course must not depend on who hosts the nodes.
    random = SeededGenerator(seed: run.options.seed ^ 0x5EED_0F_90DE5)
  }

  /// Runs from the first message to the last.
  public func runToEnd() {
    run.begin(at: now)
    carryOut()
    while step() {}
  }

  /// Goes on to the next instant at which something happens; false when the run is over.
  public func step() -> Bool {
    guard let next = [run.nextDeadline, deadlines.nextDeadline].compactMap(\.self).min(), !run.isFinished else {
      return false
    }
    now = max(now, next)
    while let due = deadlines.popDue(at: now) {
      deadlineIDs[due.element] = nil
      nodes[due.element]?.fireTimers(at: now)
      drain(due.element)
    }
    run.advance(to: now)
    carryOut()
    return !run.isFinished
  }

  private func carryOut() {
    var actions = run.takeActions()
    while !actions.isEmpty {
      for action in actions { carryOut(action) }
      actions = run.takeActions()
    }
  }

  private func carryOut(_ action: TestRun.Action) {
    switch action {
    case .start(let node): nodes[node] = Node(makeWorkload(node), seed: random.next(), logLevel: logLevel)
    case .deliver(let line, let node):
      line.withUnsafeBytes { nodes[node]?.receive($0, at: now) }
      drain(node)
    case .kill(let node):
      nodes[node] = nil
      drain(node)
    case .pause, .resume: break
    }
  }

  /// Takes what a node has to say, and notes when it is next due.
  private func drain(_ place: Int) {
    if let id = deadlineIDs[place] { deadlines.remove(id) }
    deadlineIDs[place] = nil
    guard let node = nodes[place] else { return }
    deadlineIDs[place] = node.nextDeadline.map { deadlines.insert(place, at: $0) }
    logs[place] += node.takeLog()
    node.drainOutput { output in
      var rest = output[...]
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        run.receive(UnsafeRawBufferPointer(rebasing: rest[..<end]), from: place, at: now)
        rest = rest[(end + 1)...]
      }
    }
  }
}
