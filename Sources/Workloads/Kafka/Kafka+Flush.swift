import EddyNode
import EddyTiming

/// When what has been gathered is sent on its way.
extension Kafka {
  /// How long committed offsets wait at most for a segment to go with.
  static let commitDelay = Duration.seconds(1)

  func isOwner(_ node: Node) -> Bool { owner.index == node.index }

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
    let commits = owner.appended == nil ? backlog.oldestCommit.map { $0 + Self.commitDelay } : nil
    return [records, commits].compactMap(\.self).min()
  }

  /// When the first record that is yet to be sent on its way came.
  private func unsentArrival(_ node: Node) -> Instant? {
    let sent = owner.appended.map { $0.end - logs.count(from: localOrigin) } ?? 0
    let first = backlog.sends.dropFirst(sent).first?.arrival
    return isOwner(node) ? ([first] + backlog.forwarded.map(\.arrival)).compactMap(\.self).min() : first
  }

  private func hasUnsentRecords(_ node: Node) -> Bool { unsentArrival(node) != nil }

  /// Whether nothing is on its way. Otherwise waiting costs nothing: an answer is due anyway.
  private func isIdle(_ node: Node) -> Bool { isOwner(node) ? !isBusy : owner.appended == nil }

  /// Whether the next slot is being written, or not known.
  private var isBusy: Bool { owner.isWriting || store.isCatchingUp }

  private func isBatchComplete(on node: Node) -> Bool {
    let peers = backlog.forwarded.map { node.cluster[$0.batch.origin.node] }
    return groupCommit.isComplete(waiting: Set(backlog.sends.map(\.client) + peers), at: node.now)
  }
}
