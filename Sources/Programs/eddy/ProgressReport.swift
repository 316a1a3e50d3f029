import EddyHistory
import EddyNetwork
import EddyRun
import EddyTiming

/// The progress of a run in one line:
///
///     running, 12 s left · 98.7 op/s · 1.07 msgs/op · 1234 ok, 0 fail, 2 info · partition
struct ProgressReport {
  /// The number of sampling intervals over which the rate is measured.
  private static let window = 10

  /// The number of unread bytes from which on the line shows them: a node has stopped reading or cannot keep
  /// up.
  private static let notableBacklog = 1 << 20

  /// The numbers of completed operations at recent times, the latest last.
  private var samples: [(time: Instant, completed: Int)] = []

  /// A part of the line. `rank` is its importance: 0 is the highest.
  struct Part {
    var text: String
    var rank: Int
  }

  private(set) var parts: [Part] = []

  /// The name of the current phase.
  private(set) var phase = ""
  private var phaseBegan = Instant.zero

  /// Updates the line. Called at equal intervals.
  ///
  /// - Parameter unread: The total unread input of the nodes, in bytes.
  mutating func update(_ run: TestRun, unread: Int, now: Instant) {
    samples.append((now, run.progress.completed))
    if samples.count > Self.window + 1 { samples.removeFirst() }
    if phase != run.phase.name { (phase, phaseBegan) = (run.phase.name, now) }
    parts = [Part(text: phaseWithTimeLeft(run, now), rank: 0)] + figures(run)
    if unread >= Self.notableBacklog {
      parts.append(Part(text: "\(unread >> 20) MiB of unread input", rank: 2))
    }
  }

  /// The line. If it is longer than `width` characters, the least important parts are left out.
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

  /// The counts of outcomes, such as `7 ok, 0 fail, 5 info`.
  static func counts(_ progress: Progress) -> String {
    let crashes = progress.crashed == 0 ? "" : " (\(progress.crashed) of them the workload's own crashes)"
    return "\(progress.ok) ok, \(progress.failed) fail, \(progress.indeterminate) info\(crashes)"
  }

  /// Completed operations per second, over the last samples.
  private var rate: Double {
    guard let first = samples.first, let last = samples.last, first.time < last.time else { return 0 }
    return Double(last.completed - first.completed) / ((last.time - first.time).milliseconds / 1000)
  }
}

extension TestRun.Phase {
  /// A short name of the phase.
  var name: String {
    switch self {
    case .initializing: "starting the nodes"
    case .setup: "setting up"
    case .running: "running"
    case .draining: "waiting for outstanding operations"
    case .liveness: "waiting for an answer from every node"
    case .recovering: "recovering"
    case .final: "final operations"
    case .finished: "finished"
    case .failed: "failed"
    }
  }
}
