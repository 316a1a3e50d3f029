import EddyTiming

/// When something is overdue that others have to do.
///
/// If its timer comes late, this node was stalled, and what the others sent may not have been read. So such a
/// deadline is put off once, by a tick.
struct Deadline: Equatable {
  private(set) var due: Instant
  private var isPutOff = false

  init(_ due: Instant) { self.due = due }

  /// What a timer that comes at `now` has to wait for still; nil if the deadline has passed.
  func putOff(at now: Instant, _ options: Gossip.Options) -> Deadline? {
    guard !isPutOff, now - due > options.stallThreshold else { return nil }
    var later = Deadline(now + options.tick)
    later.isPutOff = true
    return later
  }
}
