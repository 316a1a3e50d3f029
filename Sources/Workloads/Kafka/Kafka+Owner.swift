import EddyNode

/// What the owner does, and who it is: it writes segments and sends them to all, who follow their writer.
extension Kafka {
  /// Stores all that waits in the next slot, and tells everyone.
  func write(on node: Node) {
    abandonAppend(on: node)
    let batches = (backlog.sends.isEmpty ? [] : [ownBatch]) + backlog.forwarded.map(\.batch)
    let segment = KafkaSegment(
      slot: store.nextSlot, writer: node.index, batches: batches, commits: backlog.commits)
    owner.isWriting = true
    store.write(segment, on: node) { [unowned self] outcome, node in
      owner.isWriting = false
      guard outcome == .stored else {
        let known = outcome == .taken && segment.slot == store.nextSlot ? 1 : 0
        return store.catchUp(known: known, on: node)
      }
      let encoded = RawJSON(encoding: segment)
      for peer in node.peers { node.send(to: peer, type: "segment") { $0.field("segment", encoded) } }
      follow(node.index, since: segment.slot, on: node)
      store.take(segment, on: node)
      flushIfDue(on: node)
    }
  }

  /// Takes a segment from the node that wrote it, and follows that one if nobody wrote later.
  func receiveSegment(_ message: Message, on node: Node) throws(RPCError) {
    guard let writer = node.cluster.firstIndex(of: message.source), writer != node.index else {
      throw .malformedRequest("a segment must come from another node of the cluster")
    }
    let segment = try message.segment()
    follow(writer, since: segment.slot, on: node)
    store.take(segment, on: node)
    flushIfDue(on: node)
  }

  /// Takes the writer of a slot for the owner, unless another one has written later.
  private func follow(_ writer: Int, since slot: Int, on node: Node) {
    guard slot > owner.slot else { return }
    owner.slot = slot
    guard owner.index != writer else { return }
    owner.index = writer
    // Whoever has been asked does not write any more.
    abandonAppend(on: node)
  }
}

extension Message {
  fileprivate func segment() throws(RPCError) -> KafkaSegment {
    var reader = try reader("segment")
    do throws(JSONError) {
      return try KafkaSegment(reading: &reader)
    } catch {
      throw .malformedRequest("the field \"segment\" is malformed: \(error.reason)")
    }
  }
}
