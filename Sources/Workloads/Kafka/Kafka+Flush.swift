import EddyNode
import EddyTiming

// How what has been gathered gets stored.

extension Kafka {
  /// How long committed offsets wait at most for a segment to go with.
  private static let commitPatience = Duration.seconds(1)
  /// The least time after which a silent owner is doubted.
  private static let leastPatience = Duration.milliseconds(500)

  private func isOwner(_ node: Node) -> Bool { owner == node.index }

  /// Sends what has been gathered if it is time, or else sets a timer for when it will be.
  func flushIfDue(on node: Node) {
    if let timer = flushTimer.take() { node.cancel(timer) }
    guard isReady, !(isOwner(node) && isBusy), let deadline = flushDeadline(on: node) else { return }
    if deadline <= node.now || (isIdle(node) && hasUnsentRecords(node) && isBatchComplete(on: node)) {
      if isOwner(node) { write(on: node) } else { append(on: node) }
    } else {
      flushTimer = node.after(deadline - node.now) { [unowned self] node in
        flushTimer = nil
        flushIfDue(on: node)
      }
    }
  }

  /// When the first thing that waits has waited long enough; nil if nothing waits.
  private func flushDeadline(on node: Node) -> Instant? {
    let records = unsentArrival(node).map { $0 + options.window }
    // While the owner has been asked to write, offsets that it was not told can wait.
    let commits = appended == nil ? backlog.oldestCommit.map { $0 + Self.commitPatience } : nil
    return [records, commits].compactMap(\.self).min()
  }

  /// When the first record that is yet to be sent on its way came.
  private func unsentArrival(_ node: Node) -> Instant? {
    let sent = appended.map { $0.end - logs.count(from: own) } ?? 0
    let first = backlog.sends.dropFirst(sent).first?.arrival
    return isOwner(node) ? ([first] + backlog.offers.map(\.arrival)).compactMap(\.self).min() : first
  }

  private func hasUnsentRecords(_ node: Node) -> Bool { unsentArrival(node) != nil }

  /// Whether nothing is on its way: otherwise waiting costs nothing, as an answer is due anyway.
  private func isIdle(_ node: Node) -> Bool { isOwner(node) ? !isBusy : appended == nil }

  /// Whether the next slot is being written, or not known.
  private var isBusy: Bool { isWriting || store.isCatchingUp }

  private func isBatchComplete(on node: Node) -> Bool {
    let peers = backlog.offers.map { node.cluster[$0.batch.origin.node] }
    return groupCommit.isComplete(waiting: Set(backlog.sends.map(\.client) + peers), at: node.now)
  }

  private var ownBatch: KafkaBatch {
    KafkaBatch(origin: own, first: logs.count(from: own), records: backlog.sends.map(\.record))
  }
}

// MARK: - The owner

extension Kafka {
  /// Takes what another node wants to have written. Whoever is asked writes, owner or not: somebody
  /// took it for the owner, and of two owners the slots choose one.
  func receiveAppend(_ message: Message, on node: Node) throws(RPCError) {
    guard let peer = node.cluster.firstIndex(of: message.source), peer != node.index else {
      throw .malformedRequest("an append must come from another node of the cluster")
    }
    let (batch, commits) = try message.appended()
    guard batch.origin.node == peer else {
      throw .malformedRequest("a node may append only what it was sent")
    }
    groupCommit.hear(message.source, at: node.now)
    let news = commits.filter { key, offset in offset > logs.committedOffset(of: key) ?? -1 }
    // Offsets that come without records have waited for some long enough.
    let since = batch.records.isEmpty ? node.now - Self.commitPatience : node.now
    let isNew = batch.end > logs.count(from: batch.origin)
    // What comes late or twice has been written, and says nothing of who should write now.
    guard isNew || !news.isEmpty else { return }
    if isNew { backlog.offer(batch, at: node.now) }
    backlog.add(news, since: since)
    owner = node.index
    flushIfDue(on: node)
  }

  /// Stores all that waits in the next slot, and tells everyone.
  private func write(on node: Node) {
    abandonAppend(on: node)
    let batches = (backlog.sends.isEmpty ? [] : [ownBatch]) + backlog.offers.map(\.batch)
    let segment = KafkaSegment(
      slot: store.nextSlot, writer: node.index, batches: batches, commits: backlog.commits)
    isWriting = true
    store.write(segment, on: node) { [unowned self] outcome, node in
      isWriting = false
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
}

// MARK: - The others

extension Kafka {
  /// Asks the owner to write all that waits.
  private func append(on node: Node) {
    let batch = ownBatch
    node.send(to: node.cluster[owner], type: "append") {
      $0.field("batch", batch)
      if !backlog.commits.isEmpty { $0.field("commits", sorted: backlog.commits) }
    }
    if appended == nil {
      appended = Appended(end: batch.end, since: node.now, timer: startPatience(on: node))
    } else {
      appended?.end = batch.end
      appended?.isMeasured = false
    }
  }

  private func startPatience(on node: Node) -> TimerID {
    node.after(max(answers.timeout, Self.leastPatience) + options.window) { [unowned self] in
      doubtOwner(on: $0)
    }
  }

  /// Notes that a segment was applied which has some of this node's records, or none.
  func noteAnswer(stored: Int, on node: Node) {
    guard let asked = appended else { return }
    if asked.end > logs.count(from: own) {
      guard stored > 0 else { return }
      node.cancel(asked.timer)
      appended = Appended(
        end: asked.end, since: node.now, isMeasured: false, timer: startPatience(on: node))
    } else {
      if asked.isMeasured { answers.add(node.now - asked.since) }
      abandonAppend(on: node)
    }
  }

  private func abandonAppend(on node: Node) {
    if let appended = appended.take() { node.cancel(appended.timer) }
  }

  /// Nothing was heard of what the owner was asked to write. It may have been stored all the same; if
  /// not, this node takes over.
  private func doubtOwner(on node: Node) {
    let asked = owner
    store.catchUp(on: node) { [unowned self] node in
      if appended != nil, owner == asked {
        node.log(.info, "took over", ["from": node.cluster[asked], "slot": "\(store.nextSlot)"])
        owner = node.index
        abandonAppend(on: node)
      }
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
    guard slot > ownerSlot else { return }
    ownerSlot = slot
    guard owner != writer else { return }
    owner = writer
    // Whoever has been asked does not write any more.
    abandonAppend(on: node)
  }
}

extension Message {
  fileprivate func appended() throws(RPCError) -> (batch: KafkaBatch, commits: [String: Int]) {
    var batch = try reader("batch")
    var commits = try contains("commits") ? reader("commits") : nil
    do throws(JSONError) {
      return (try KafkaBatch(reading: &batch), try commits?.readIntegersByKey() ?? [:])
    } catch {
      throw .malformedRequest("the append is malformed: \(error.reason)")
    }
  }

  fileprivate func segment() throws(RPCError) -> KafkaSegment {
    var reader = try reader("segment")
    do throws(JSONError) {
      return try KafkaSegment(reading: &reader)
    } catch {
      throw .malformedRequest("the field \"segment\" is malformed: \(error.reason)")
    }
  }
}
