public import EddyNode

/// Maelstrom's `g-counter` and `pn-counter`: a counter that every node can add to and read.
///
/// A state-based counter (Shapiro et al., "Conflict-free replicated data types", 2011) with one
/// `CounterShard` per node. An add goes to the shard of the node that is asked, and is acknowledged when it is
/// stored, so that no crash undoes it. The states of shards spread by ``Gossip``. A read is answered at once
/// with the sum of the states that this node knows to be stored.
///
/// A sum has 64 bits. A node refuses an add that would overflow the sum as it knows it. If several nodes
/// together overflow it, the sum wraps, and is the same everywhere.
public final class Counter: Handler, GossipingHandler {
  public struct Options: Sendable {
    /// Whether negative numbers are refused.
    public var growsOnly: Bool
    /// How long adds are gathered, at most, before they are stored together.
    public var flush: Duration
    /// The time between two rounds of gossip: how late a read may be, for messages between nodes.
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
  let gossip: Gossip
  private let shard: CounterShard

  public init(_ options: Options) {
    self.options = options
    let totals = ShardTotals()
    self.totals = totals
    var gossipOptions = Gossip.Options(window: options.window)
    // A node that was cut off may learn a sum a little later: fewer messages during a partition.
    gossipOptions.longestRetry = max(gossipOptions.longestRetry, options.window)
    let gossip = Gossip(gossipOptions) { gossip, entry, id in
      if let superseded = totals.learn(entry, from: id) { gossip.forget(superseded) }
    }
    self.gossip = gossip
    shard = CounterShard(flush: options.flush) { state, node in
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

/// The states of all shards, as far as they are known here.
final class ShardTotals {
  /// Each shard's state, and the entry that told of it.
  private var shards: [Int: (state: CounterShard.State, source: EntryID)] = [:]
  private(set) var sum = 0

  /// The entry that tells others of a shard: `[node, version, total]`.
  static func entry(_ state: CounterShard.State, of node: Int) -> RawJSON {
    RawJSON(encoding: [node, state.version, state.total])
  }

  /// Takes an entry. Returns the entry that is superseded: that of the shard's former state, or this one if its
  /// state is older or malformed; nil if there is none.
  func learn(_ entry: RawJSON, from source: EntryID) -> EntryID? {
    var reader = entry.reader
    guard let numbers = try? [Int](reading: &reader),
      numbers.count == 3
    else { return source }
    let (node, state) = (numbers[0], CounterShard.State(version: numbers[1], total: numbers[2]))
    let known = shards[node]
    guard state.version > known?.state.version ?? 0 else { return source }
    shards[node] = (state, source)
    sum = sum &- (known?.state.total ?? 0) &+ state.total
    return known?.source
  }
}
