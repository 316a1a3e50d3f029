public import EddyHistory
import EddyNode
import EddyTiming

/// One thing the nemesis does.
public enum FaultAction: Sendable, Equatable {
  /// Drop messages between nodes, in this way.
  case partition(Partition.Kind, Partition)
  /// Drop no more.
  case heal
  /// End these nodes; what is in their memory is lost.
  case kill([Int])
  /// Start nodes that were killed.
  case restart([Int])
  /// Stop these nodes where they are.
  case pause([Int])
  /// Let nodes that were paused go on.
  case resume([Int])
  /// Lose messages with this probability, 0 for an end of it.
  case loss(Double)
  /// Deliver messages twice with this probability, 0 for an end of it.
  case duplication(Double)
}

/// Decides when faults start and end.
///
/// As in Jepsen's packages (`stagger` in its `generator.clj`) each fault starts for the first time when
/// operations begin. From then on it alternates between stop and start, independently of the others, at
/// intervals drawn uniformly from 0 to twice the mean.
struct Nemesis {
  private struct Schedule {
    let fault: Fault
    var next: Instant
    var victims: [Int] = []
    var isActive = false
  }

  private let nodes: Int
  private let kinds: [Partition.Kind]
  private let interval: Duration
  private var random: SeededGenerator
  private var schedules: [Schedule]
  /// How many more faults may start.
  private var remaining: Int

  init(_ options: TestOptions, random: SeededGenerator, start: Instant) {
    nodes = options.nodes.count
    kinds = options.partitions
    interval = options.nemesisInterval
    remaining = options.faultLimit
    self.random = random
    schedules = options.faults.map { Schedule(fault: $0, next: start) }
  }

  /// When the nemesis acts next.
  var nextDeadline: Instant? { schedules.lazy.map(\.next).min() }

  /// The faults in force now.
  var activeFaults: [Fault] { schedules.filter(\.isActive).map(\.fault) }

  /// What is due at `now`.
  mutating func act(at now: Instant) -> [FaultAction] {
    var actions: [FaultAction] = []
    for place in schedules.indices where schedules[place].next <= now {
      if schedules[place].isActive {
        actions.append(stop(place))
      } else if remaining > 0 {
        remaining -= 1
        actions.append(start(place))
      }
      schedules[place].next = now + drawInterval()
    }
    return actions
  }

  /// Ends every fault in force, for good.
  mutating func stopAll() -> [FaultAction] {
    defer { schedules = [] }
    return schedules.indices.filter { schedules[$0].isActive }.map { stop($0) }
  }

  private mutating func start(_ place: Int) -> FaultAction {
    schedules[place].isActive = true
    switch schedules[place].fault {
    case .partition:
      let kind = random.pick(kinds) ?? .majority
      return .partition(kind, .random(kind, nodes: nodes, &random))
    case .kill:
      schedules[place].victims = drawVictims()
      return .kill(schedules[place].victims)
    case .pause:
      schedules[place].victims = drawVictims()
      return .pause(schedules[place].victims)
    case .loss: return .loss(0.05 + 0.25 * random.unit())
    case .duplicate: return .duplication(0.05 + 0.25 * random.unit())
    }
  }

  private mutating func stop(_ place: Int) -> FaultAction {
    schedules[place].isActive = false
    return switch schedules[place].fault {
    case .partition: .heal
    case .kill: .restart(schedules[place].victims)
    case .pause: .resume(schedules[place].victims)
    case .loss: .loss(0)
    case .duplicate: .duplication(0)
    }
  }

  /// One node, a minority, a majority or all of them, each as likely.
  private mutating func drawVictims() -> [Int] {
    let count = random.pick([1, max(1, (nodes - 1) / 2), nodes / 2 + 1, nodes])!
    return random.shuffle(Array(0..<nodes)).prefix(count).sorted()
  }

  private mutating func drawInterval() -> Duration {
    .nanoseconds(Int(random.unit() * 2 * Double(interval.nanoseconds)))
  }
}
