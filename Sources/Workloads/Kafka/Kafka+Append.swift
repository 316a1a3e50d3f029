import EddyNode
import EddyTiming

/// How records get to the owner: `append`, sent by the other nodes and received by the owner.
extension Kafka {
  /// Asks the owner to write all that waits.
  func append(on node: Node) {
    let batch = ownBatch
    node.send(to: node.cluster[owner.index], type: "append") {
      $0.field("batch", batch)
      if !backlog.commits.isEmpty { $0.field("commits", sorted: backlog.commits) }
    }
    if owner.appended == nil {
      owner.appended = .init(end: batch.end, since: node.now, timer: awaitOwner(on: node))
    } else {
      owner.appended?.end = batch.end
      owner.appended?.isMeasured = false
    }
  }

  /// This node's own records that wait.
  var ownBatch: KafkaBatch {
    KafkaBatch(
      origin: localOrigin, first: logs.count(from: localOrigin), records: backlog.sends.map(\.record))
  }

  /// Takes what another node forwards to be written. Whoever is asked writes, owner or not: somebody took it for
  /// the owner, and of two owners the slots choose one.
  func receiveAppend(_ message: Message, on node: Node) throws(RPCError) {
    guard let peer = node.cluster.firstIndex(of: message.source), peer != node.index else {
      throw .malformedRequest("an append must come from another node of the cluster")
    }
    let (batch, commits) = try message.appended()
    guard batch.origin.node == peer else {
      throw .malformedRequest("a node may append only what it was sent")
    }
    groupCommit.hear(message.source, at: node.now)
    let newCommits = commits.filter { key, offset in offset > logs.committedOffset(of: key) ?? -1 }
    // Offsets that come without records have waited for some long enough.
    let since = batch.records.isEmpty ? node.now - Self.commitDelay : node.now
    let isNew = batch.end > logs.count(from: batch.origin)
    // What comes late or twice has been written, and says nothing of who should write now.
    guard isNew || !newCommits.isEmpty else { return }
    if isNew { backlog.addForwarded(batch, at: node.now) }
    backlog.add(newCommits, since: since)
    owner.index = node.index
    flushIfDue(on: node)
  }
}

extension Message {
  fileprivate func appended() throws(RPCError) -> (batch: KafkaBatch, commits: [String: Int]) {
    var batch = try reader("batch")
    var commits = try contains("commits") ? reader("commits") : nil
    do throws(JSONError) {
      return (try KafkaBatch(reading: &batch), try commits?.readOffsets() ?? [:])
    } catch {
      throw .malformedRequest("the append is malformed: \(error.reason)")
    }
  }
}
