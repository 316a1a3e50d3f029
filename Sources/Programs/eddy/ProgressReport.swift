import EddyHistory
import EddyNetwork
import EddyRun
import EddyTiming

/// How a run is going, in a line that can be read at a glance:
///
///     running, 12 s left · 98.7 op/s · 1.07 msgs/op · 1234 ok, 0 fail, 2 info · partition
struct ProgressReport {
  /// Over how many samples the rate of operations is taken.
  private static let window = 10

  /// From how many unread bytes on a person should know: a node has stopped reading, or can't keep up.
  private static let notableBacklog = 1 << 20

  /// When how many operations had been completed, the latest last.
  private var samples: [(time: Instant, completed: Int)] = []

  /// A part of the line, and how much it matters: the least first, 0 most.
  struct Part {
    var text: String
    var rank: Int
  }

  private(set) var parts: [Part] = []

  /// What the run is doing, and since when.
  private(set) var phase = ""
  private var phaseBegan = Instant.zero

  /// Brings the line up to date. Called at equal intervals.
  ///
  /// - Parameter unread: How many bytes nodes have yet to read.
  mutating func update(_ run: TestRun, unread: Int, now: Instant) {
    samples.append((now, run.progress.completed))
    if samples.count > Self.window + 1 { samples.removeFirst() }
    if phase != run.phase.name { (phase, phaseBegan) = (run.phase.name, now) }
    parts = [Part(text: phaseWithTimeLeft(run, now), rank: 0)] + figures(run)
    if unread >= Self.notableBacklog {
      parts.append(Part(text: "\(unread >> 20) MB that nodes have not read", rank: 2))
    }
  }

  /// The line; where it is wider than so many characters, without the parts that matter least.
  func text(fitting width: Int? = nil) -> String {
    Self.text(parts, fitting: width)
  }

  static func text(_ parts: [Part], fitting width: Int?) -> String {
    var parts = parts
    func line() -> String { parts.map(\.text).joined(separator: " · ") }
    while let width, line().count > width, parts.count > 1, let rank = parts.map(\.rank).max() {
      parts.removeAll { $0.rank == rank }
    }
    return line()
  }

  private func phaseWithTimeLeft(_ run: TestRun, _ now: Instant) -> String {
    let duration: Duration
    switch run.phase {
    case .running: duration = run.options.timeLimit
    case .recovering: duration = TestOptions.recoveryTime
    default: return phase
    }
    let left = (phaseBegan + duration - now).milliseconds / 1000
    return "\(phase), \(max(0, left).fixed(0)) s left"
  }

  private func figures(_ run: TestRun) -> [Part] {
    let progress = run.progress
    guard progress.invoked > 0 else { return [] }
    let messages = Double(run.network.statistics.servers.messageCount) / Double(progress.invoked)
    let faults = run.activeFaults.map(\.rawValue).joined(separator: ", ")
    return [
      Part(text: "\(rate.fixed(1)) op/s", rank: 4), Part(text: "\(messages.fixed(2)) msgs/op", rank: 5),
      Part(text: Self.counts(progress), rank: 3),
    ] + (faults.isEmpty ? [] : [Part(text: faults, rank: 1)])
  }

  /// How operations ended, such as `7 ok, 0 fail, 5 info`.
  static func counts(_ progress: Progress) -> String {
    let crashes = progress.crashed == 0 ? "" : " (\(progress.crashed) of them the workload's own crashes)"
    return "\(progress.ok) ok, \(progress.failed) fail, \(progress.indeterminate) info\(crashes)"
  }

  /// Operations completed a second, lately.
  private var rate: Double {
    guard let first = samples.first, let last = samples.last, first.time < last.time else { return 0 }
    return Double(last.completed - first.completed) / ((last.time - first.time).milliseconds / 1000)
  }
}

extension TestRun.Phase {
  /// The phase in a word or two.
  var name: String {
    switch self {
    case .initializing: "starting the nodes"
    case .setup: "setting up"
    case .running: "running"
    case .draining: "awaiting the last operations"
    case .liveness: "awaiting an answer of every node"
    case .recovering: "recovering"
    case .final: "final operations"
    case .finished: "finished"
    case .failed: "failed"
    }
  }
}
