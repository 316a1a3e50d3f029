extension Gossip {
  /// What a node waits for, and how long. Every time is a trade of messages for latency.
  public struct Options: Sendable {
    /// Whether a node also sends what it publishes to all others at once. Entries take one hop instead of a
    /// window and two hops, at n − 1 messages an entry. Rounds then repair what got lost.
    public var isDirect = false
    /// The time between two rounds: what an entry waits at most, on top of the hops of the tree. n nodes send
    /// at most 2(n − 1) messages in it.
    public var window: Duration
    /// How often unanswered peers are looked at. A shorter tick finds silence earlier, and costs timers.
    public var tick = Duration.milliseconds(100)
    /// The longest time between two attempts at a peer that does not answer: how late one that was cut off may
    /// learn that it is connected again, for as many messages as attempts.
    public var longestRetry = Duration.milliseconds(400)
    /// How often a node that left its place in the configured tree asks whether it can return. Until then
    /// entries may take more hops.
    public var rejoinInterval = Duration.seconds(2)
    /// How late a timer may be. A node whose timers come later was stalled itself, and suspects no peer before it
    /// has read its input.
    public var stallThreshold = Duration.milliseconds(10)
    /// The most by which a batch leaves earlier than needed. A batch that comes early delays its entries by that
    /// much; one that comes late delays them by a window.
    public var longestBatchMargin = Duration.milliseconds(25)
    /// For how long urgent entries are gathered: when a parent is cut off, several nodes find out at once.
    public var gatheringDelay = Duration.milliseconds(10)
    /// How long a parent that has missed a round may take to answer, where latencies hardly vary. A shorter one
    /// leaves more time for a detour, and takes slow processes for dead ones.
    public var suspicionTimeout = Duration.milliseconds(25)
    /// After how many consecutive rounds a root promises another, whether there will be entries or not. Silence
    /// then means something even to a node that has sent nothing.
    public var keepaliveThreshold = 5

    public init(window: Duration) { self.window = window }

    /// How much longer than a window an acknowledgement can wait: under load a round always comes first.
    private static let acknowledgementDelayInWindows = Ratio(5, 4)
    private static let leastAcknowledgementDelay = Duration.seconds(1)
    private static let batchMarginInWindows = Ratio(1, 16)
    /// By how many windows a lost root's stamp must be newer than the one known when it was lost, to show that it
    /// lives: stamps that were under way when it fell silent are not.
    static let newRootStamp = Ratio(1, 2)
    /// For how long after the first answer an election waits for better parents, in round trips.
    static let electionSpread = Ratio(1, 4)
    /// How many random bits an incarnation ends with: two starts of a node within a millisecond differ.
    static let incarnationRandomBits = 8

    /// How long an acknowledgement waits for entries that carry it.
    var acknowledgementDelay: Duration {
      max(Self.leastAcknowledgementDelay, window * Self.acknowledgementDelayInWindows)
    }

    /// How much earlier than needed a batch leaves: a busy machine delays it now and then.
    var batchMargin: Duration { min(window * Self.batchMarginInWindows, longestBatchMargin) }

    /// How late a round may be and still count as the one expected.
    var halfWindow: Duration { window / 2 }

    /// Whether a round that fails to come is worth a message. Where the window is shorter than a tick the next
    /// round replaces a lost one before silence is checked.
    var areRoundsRare: Bool { window >= tick }
  }
}
