import EddyTiming

/// What nodes tell each other. Every message may carry entries, acknowledge, and measure.
///
///     {"type": "gossip", "incarnation": 81726, "to": 29181, "at": 71200, "echo": [68100, 900],
///      "route": [0, 1, 71000], "parent": 0, "round": [7, 370000, 0], "keepalive": true,
///      "acks": [[5, 29181, 12]], "entries": [[3, 81726, 4, 17, 19]], "forgotten": [[3, 81726, 6, 2]]}
///
/// Times are microseconds on the sender's clock, or durations in microseconds. An origin is a node's index and an
/// incarnation. `acks` has origins with the number of their entries that the sender has; `entries` has origins with
/// the number of the first entry and the entries; `forgotten` the same with a count instead of the entries.
struct GossipMessage: Equatable {
  static let type: StaticString = "gossip"

  /// A root's round, passed down the tree.
  struct Round: Equatable {
    /// Counts the rounds to this peer, so that it notices when it has missed one.
    var number: Int
    /// How long until the next round comes.
    var due: Duration
    /// How long before the next round the receiver's batch must be at the sender, to be passed up in time.
    var batchOffset: Duration
    /// Whether the next round comes in any case, with entries or without.
    var isKeepalivePromised = false
  }

  /// A stamp of the receiver's own, and for how long the sender has had it.
  struct Echo: Equatable {
    var stamp: Timestamp
    var held: Duration
  }

  /// How many entries of an origin the sender has.
  struct Acknowledgement: Equatable {
    var origin: Origin
    var count: Int
  }

  struct Flags: OptionSet {
    let rawValue: UInt8

    /// The acknowledgements are all that the sender has.
    static let complete = Flags(rawValue: 1 << 0)
    /// The entries are on their way along the tree, too: nobody has to acknowledge these.
    static let push = Flags(rawValue: 1 << 1)
    /// Some entries are late already, because a node has lost its parent or found a new one.
    static let urgent = Flags(rawValue: 1 << 2)
    /// The sender wants a reply at once: all that it lacks, and, if the message is complete, a complete one.
    static let replyRequested = Flags(rawValue: 1 << 3)
  }

  /// The sender's incarnation.
  var incarnation: Int
  /// The receiver's, as far as the sender knows. What it echoes, and what it takes the receiver to have, is
  /// of that one.
  var receiver: Int?
  /// The sender's clock, later in each message.
  var stamp: Timestamp
  var echo: Echo?
  /// The sender's parent; nil if it is the root.
  var parent: Int?
  /// The sender's route to its root.
  var route: RootRoute
  /// Present if the sender passes a round down.
  var round: Round?
  var entries: [ReplicatedLog.Run] = []
  var acknowledgements: [Acknowledgement] = []
  var flags: Flags = []
  /// The tree that the sender was given; nil if it was given none.
  var tree: SpanningTree?
}
