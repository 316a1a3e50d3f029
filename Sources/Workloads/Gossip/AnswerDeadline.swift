import EddyTiming

/// When the answers that this node awaits from others are overdue.
///
/// If its timer comes late, this node was stalled, and what the others sent may not have been read. So such a
/// deadline is put off once, by a tick.
struct AnswerDeadline: Equatable {
  private(set) var due: Instant
  private var isPutOff = false

  init(_ due: Instant) { self.due = due }

  /// What a timer that comes at `now` has to wait for still; nil if the deadline has passed.
  func putOff(at now: Instant, _ options: Gossip.Options) -> AnswerDeadline? {
    guard !isPutOff, now - due > options.stallThreshold else { return nil }
    var later = AnswerDeadline(now + options.tick)
    later.isPutOff = true
    return later
  }
}
