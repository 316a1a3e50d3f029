package import EddyHistory
import EddyNode
import EddyTiming

/// One thing that a fault has the run do.
package enum FaultDirective: Sendable {
  /// Drop messages between nodes in this way, and no others.
  case setPartition(Partition)
  /// Lose messages between nodes with this probability.
  case setLoss(Double)
  /// Deliver messages between nodes twice with this probability.
  case setDuplication(Double)
  /// End a node; what is in its memory is lost.
  case kill(node: Int)
  /// Start a node that was killed.
  case start(node: Int)
  /// Stop a node where it is.
  case pause(node: Int)
  /// Let a node that was paused go on.
  case resume(node: Int)
  /// Append this to the history.
  case record(Operation)
}

/// The nemesis: decides when faults start and end.
///
/// As in Jepsen's packages (`stagger` in its `generator.clj`) each fault starts for the first time when
/// operations begin. From then on it alternates between stop and start, independently of the others, at
/// intervals drawn uniformly from 0 to twice the mean.
///
/// It does nothing itself: whoever holds it carries its directives out, in order, at the instant they were
/// asked for.
struct FaultInjector {
  private struct Schedule {
    let fault: Fault
    /// When it starts next, or stops.
    var next: Instant
    /// What is in force now.
    var active: InjectedFault?
  }

  private let cluster: FaultScope
  private let interval: Duration
  /// The history's zero.
  private let origin: Instant
  private var random: SeededGenerator
  private var schedules: [Schedule]
  /// How many more faults may start.
  private var remaining: Int
  private var paused: Set<Int> = []

  /// - Parameter start: When operations begin.
  init(_ options: TestOptions, random: SeededGenerator, start: Instant) {
    cluster = FaultScope(nodes: options.nodes, partitions: options.partitions)
    interval = options.nemesisInterval
    origin = start
    remaining = options.faultLimit
    self.random = random
    schedules = options.faults.map { Schedule(fault: $0, next: start) }
  }

  /// When ``act(at:)`` is next due; nil if never.
  var nextDeadline: Instant? { schedules.lazy.map(\.next).min() }

  /// The faults in force now.
  var activeFaults: [Fault] { schedules.filter { $0.active != nil }.map(\.fault) }

  /// Whether a node is paused: it cannot be blamed for not answering.
  func isPaused(_ node: Int) -> Bool { paused.contains(node) }

  /// Starts and stops what is due at `now`.
  mutating func act(at now: Instant) -> [FaultDirective] {
    var directives: [FaultDirective] = []
    for index in schedules.indices where schedules[index].next <= now {
      if schedules[index].active != nil {
        directives += stop(index, at: now)
      } else if remaining > 0 {
        remaining -= 1
        directives += start(index, at: now)
      }
      schedules[index].next = now + drawInterval()
    }
    return directives
  }

  /// Stops every fault in force, for good.
  mutating func stopAll(at now: Instant) -> [FaultDirective] {
    defer { schedules = [] }
    return schedules.indices.flatMap { stop($0, at: now) }
  }

  private mutating func start(_ index: Int, at now: Instant) -> [FaultDirective] {
    let fault = schedules[index].fault.injectable.draw(in: cluster, &random)
    schedules[index].active = fault
    note(fault.start)
    return fault.start + [.record(FaultCodec.start(of: fault.record, at: time(now)))]
  }

  private mutating func stop(_ index: Int, at now: Instant) -> [FaultDirective] {
    guard let fault = schedules[index].active.take() else { return [] }
    note(fault.stop)
    return fault.stop + [.record(FaultCodec.stop(of: fault.record, at: time(now)))]
  }

  private mutating func note(_ directives: [FaultDirective]) {
    for directive in directives {
      switch directive {
      case .pause(let node): paused.insert(node)
      case .resume(let node): paused.remove(node)
      default: break
      }
    }
  }

  /// The instant on the clock of the history.
  private func time(_ now: Instant) -> Instant {
    Instant(nanoseconds: now.nanoseconds - origin.nanoseconds)
  }

  private mutating func drawInterval() -> Duration {
    .nanoseconds(Int(random.unit() * 2 * Double(interval.nanoseconds)))
  }
}
