import EddyNode

/// The handler of a workload whose nodes gossip: broadcast, g-set, the counters, txn-rw-register.
protocol GossipingHandler: Handler {
  var gossip: Gossip { get }
}
