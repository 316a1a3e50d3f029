public import EddyNode

/// Maelstrom's `g-counter` and `pn-counter`: a sum that every node adds to and every node knows.
///
/// A state-based counter (Shapiro et al., "Conflict-free replicated data types", 2011) with one
/// ``Shard`` a node. An add goes to the shard of the node that is asked and is acknowledged when it is
/// stored, so that no crash undoes it. What shards have come to spreads by ``Gossip``; a read is
/// answered at once with the sum of what is known here to be stored.
///
/// Sums are of 64 bits. An add that would exceed them, as far as this node knows, is refused; where
/// several nodes together exceed them, the sum wraps, and is the same everywhere.
public final class Counter: Handler {
  public struct Options: Sendable {
    /// Whether negative numbers are refused.
    public var growsOnly: Bool
    /// How long adds are gathered before they are stored together, at most.
    public var flush: Duration
    /// The time between two rounds of gossip.
    public var window: Duration

    public init(
      growsOnly: Bool, flush: Duration = .milliseconds(500), window: Duration = .milliseconds(2000)
    ) {
      self.growsOnly = growsOnly
      self.flush = flush
      self.window = window
    }
  }

  private let options: Options
  private let totals: ShardTotals
  private let gossip: Gossip
  private let shard: Shard

  public init(_ options: Options) {
    self.options = options
    let totals = ShardTotals()
    self.totals = totals
    var gossipOptions = Gossip.Options(window: options.window)
    // Whoever was cut off can learn a sum a little later.
    gossipOptions.longestRetry = max(gossipOptions.longestRetry, options.window)
    let gossip = Gossip(gossipOptions) { gossip, entry, id in
      if let superseded = totals.learn(entry, from: id) { gossip.forget(superseded) }
    }
    self.gossip = gossip
    shard = Shard(flush: options.flush) { state, node in
      gossip.publish(ShardTotals.entry(state, of: node.index), on: node)
    }
  }

  public func start(on node: Node) {
    gossip.start(on: node)
    shard.start(on: node)
  }

  public func receive(_ message: Message, on node: Node) throws(RPCError) {
    switch message.type {
    case "add":
      let delta = try message.integer("delta")
      guard delta >= 0 || !options.growsOnly else {
        throw .malformedRequest("the field \"delta\" must not be negative, as this counter only grows")
      }
      guard shard.fits(delta, onto: totals.sum) else {
        throw .preconditionFailed("the sum would exceed 64 bits")
      }
      try shard.add(delta, for: message, on: node)
    case "read":
      shard.notice(message.source, on: node)
      node.reply(to: message, type: "read_ok") { $0.field("value", totals.sum) }
    case "gossip":
      try gossip.receive(message, on: node)
    default:
      throw .notSupported(type: message.type)
    }
  }
}

/// What is known of all shards.
final class ShardTotals {
  /// Each shard's state, and the entry that told of it.
  private var shards: [Int: (state: Shard.State, source: EntryID)] = [:]
  private(set) var sum = 0

  /// What a node tells the others of its shard: `[node, version, total]`.
  static func entry(_ state: Shard.State, of node: Int) -> RawJSON {
    RawJSON(encoding: [node, state.version, state.total])
  }

  /// Takes an entry. Returns the one that says nothing any more: that of the shard's state before, or this one
  /// if it is of an older state or of none; nil if there is none.
  func learn(_ entry: RawJSON, from source: EntryID) -> EntryID? {
    var reader = entry.reader
    guard let numbers = try? [Int](reading: &reader),
      numbers.count == 3
    else { return source }
    let (node, state) = (numbers[0], Shard.State(version: numbers[1], total: numbers[2]))
    let known = shards[node]
    guard state.version > known?.state.version ?? 0 else { return source }
    shards[node] = (state, source)
    sum = sum &- (known?.state.total ?? 0) &+ state.total
    return known?.source
  }
}
