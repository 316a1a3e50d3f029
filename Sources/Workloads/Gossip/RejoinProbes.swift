import EddyTiming

/// When a node probes others without having anything to send them.
///
/// It probes its configured parent, to rejoin it after having left it; the neighbours in the configured tree that
/// are not known to know this incarnation, which may have been started again and have everything to learn; and,
/// as long as no peer is known to know it, one peer after the other, because the configured parent may be down.
struct RejoinProbes {
  private var lastProbe: Instant
  /// How often no peer was known to know this node.
  private var strangers = 0

  /// Begins with a whole interval: other nodes may still be starting.
  init(at now: Instant) { lastProbe = now }

  /// Whether an interval has passed since the latest probe; begins the next one if so.
  mutating func isDue(at now: Instant, interval: Duration) -> Bool {
    guard now - lastProbe >= interval else { return false }
    lastProbe = now
    return true
  }

  /// The next peer to probe though nothing is known of it; nil the first time, when neighbours may answer.
  mutating func takeStranger(of count: Int) -> Int? {
    defer { strangers += 1 }
    return strangers > 0 ? strangers % count : nil
  }
}
