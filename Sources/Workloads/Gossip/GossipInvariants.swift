package import EddyNode
import EddyTiming

/// Checks what holds of a cluster's nodes between any two events: the invariants of ``Gossip``, by number.
///
/// For simulations, where one sees what all nodes know.
///
///     let invariants = GossipInvariants()
///     let cluster = Simulation(nodes: 5, seed: 7) { invariants.watch(Broadcast()) }
///     cluster.advance(by: .seconds(1))
///     #expect(invariants.violations() == [])
package final class GossipInvariants {
  /// Every incarnation that ever ran. One that was killed has what it had.
  private var watched: [Gossip] = []

  package init() {}

  /// Watches a node from its start, if it gossips. Returns the handler.
  package func watch(_ handler: any Handler) -> any Handler {
    if let gossip = (handler as? any GossipingHandler)?.gossip { watched.append(gossip) }
    return handler
  }

  /// What does not hold now, a sentence each. O(nodes² · origins).
  package func violations() -> [String] {
    let started = watched.filter { $0.peers.count > 0 }
    let nodes = Nodes(started)
    return started.flatMap { node in
      let found =
        knowledge(of: node, nodes) + progress(at: node, nodes) + stamps(of: node, nodes) + role(of: node)
        + timers(of: node) + pending(at: node) + replication(of: node, nodes)
      return found.map { "n\(node.local.index) at \(node.local.lastStamp.microseconds) µs: \($0)" }
    }
  }

  /// All nodes that ever ran, and who they were.
  private struct Nodes {
    let all: [Gossip]
    private var byOrigin: [Origin: Gossip] = [:]

    init(_ all: [Gossip]) {
      self.all = all
      for node in all { for origin in node.local.origins { byOrigin[node.log.origin(at: origin)] = node } }
    }

    subscript(origin: Origin) -> Gossip? { byOrigin[origin] }

    /// How many entries a node has published under an origin; nil if no such node was watched.
    func published(_ origin: Origin) -> Int? { self[origin].flatMap { $0.log.count(from: origin) } }
  }
}

extension GossipInvariants {
  /// 1. A node knows no more of an origin than that has published.
  private func knowledge(of node: Gossip, _ nodes: Nodes) -> [String] {
    node.log.origins.compactMap { origin in
      let known = node.log.count(from: origin) ?? 0
      guard let published = nodes.published(origin), known > published else { return nil }
      return "1: knows \(known) entries of \(origin), which has published \(published)"
    }
  }

  /// 2. What a peer is said to have acknowledged, its incarnation has. What it was sent covers that.
  private func progress(at node: Gossip, _ nodes: Nodes) -> [String] {
    let origins = node.log.origins.map { ($0, node.log.existingIndex(of: $0)!) }
    return node.peers.indices.flatMap { index -> [String] in
      let peer = node.peers[index]
      var found: [String] = []
      if !peer.progress.sent.covers(peer.progress.acknowledged) {
        found.append("2: n\(index) has acknowledged what it was not sent")
      }
      guard let incarnation = peer.incarnation,
        let other = nodes[Origin(node: index, incarnation: incarnation)]
      else { return found }
      // Nothing is kept of an origin that is superseded.
      for (origin, localIndex) in origins {
        let acknowledged = peer.progress.acknowledged[localIndex]
        guard acknowledged > 0, other.log.latestIncarnation(of: origin.node) == origin.incarnation,
          let known = other.log.count(from: origin), acknowledged > known
        else { continue }
        found.append("2: n\(index) has \(known) entries of \(origin), not \(acknowledged)")
      }
      return found
    }
  }

  /// 3. No route has a later stamp of a root than the root has made.
  private func stamps(of node: Gossip, _ nodes: Nodes) -> [String] {
    let route = node.tree.route
    let latest = nodes.all.filter { $0.local.index == route.root }.map(\.local.lastStamp).max() ?? .zero
    return route.rootStamp > latest
      ? ["3: has heard of n\(route.root) at \(route.rootStamp.microseconds), after \(latest.microseconds)"]
      : []
  }

  /// 4. A parent is another node. A node that is electing plans no batch.
  private func role(of node: Gossip) -> [String] {
    var found: [String] = []
    if node.tree.parent == node.local.index { found.append("4: is its own parent") }
    if node.tree.isElecting, node.schedule.batchDue != nil { found.append("4: plans a batch while electing") }
    return found
  }

  /// 5. A timer is set if and only if the state says when it is due.
  private func timers(of node: Gossip) -> [String] {
    let due: [(Gossip.Timer, Instant?)] = [
      (.round, node.schedule.roundDue), (.batch, node.schedule.batchDue),
      (.answer, node.schedule.answer?.deadline.due), (.election, node.tree.election?.deadline.due),
    ]
    return due.filter { (node.timers[$0] == nil) != ($1 == nil) }.map {
      "5: the timer \($0) is \(node.timers[$0] == nil ? "not set" : "set"), due: \($1.map(\.description) ?? "never")"
    }
  }

  /// 6. A tick looks at exactly the peers with something pending.
  private func pending(at node: Gossip) -> [String] {
    let pending = node.peers.indices.filter { node.peers[$0].isPending }
    return node.peers.pendingIndices == pending
      ? [] : ["6: looks at \(node.peers.pendingIndices), and \(pending) have something pending"]
  }

  /// 7. What is reported as replicated another node has.
  private func replication(of node: Gossip, _ nodes: Nodes) -> [String] {
    guard node.local.replicatedCount > 0, node.local.origins.count == 1 else { return [] }
    let origin = node.log.origin(at: node.local.origin)
    // Nothing is kept of an origin that is superseded.
    let isLatest = nodes.all.allSatisfy {
      $0.log.latestIncarnation(of: origin.node) ?? 0 <= origin.incarnation
    }
    guard isLatest else { return [] }
    let known = nodes.all.filter { $0 !== node }.map { $0.log.count(from: origin) ?? 0 }.max() ?? 0
    return node.local.replicatedCount > known
      ? ["7: reports \(node.local.replicatedCount) entries as replicated, and others have \(known)"] : []
  }
}
