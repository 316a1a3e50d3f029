import EddyNode
import EddyTiming

/// How a node that does not hear of its records suspects the owner, and takes over.
extension Kafka {
  /// The least time after which a silent owner is suspected.
  private static let leastSuspicionTimeout = Duration.milliseconds(500)

  /// Sets the timer for the answer to an `append`.
  func awaitOwner(on node: Node) -> TimerID {
    node.after(max(owner.answers.timeout, Self.leastSuspicionTimeout) + options.window) {
      [unowned self] in
      suspectOwner(on: $0)
    }
  }

  /// Notes that a segment was applied which has some of this node's records, or none.
  func noteAnswer(stored: Int, on node: Node) {
    guard let asked = owner.appended else { return }
    if asked.end > logs.count(from: localOrigin) {
      guard stored > 0 else { return }
      node.cancel(asked.timer)
      owner.appended = .init(
        end: asked.end, since: node.now, isMeasured: false, timer: awaitOwner(on: node))
    } else {
      if asked.isMeasured { owner.answers.add(node.now - asked.since) }
      abandonAppend(on: node)
    }
  }

  /// Expects nothing of the owner any more.
  func abandonAppend(on node: Node) {
    if let appended = owner.appended.take() { node.cancel(appended.timer) }
  }

  /// Reads whether the records are stored all the same, and takes over if they are not.
  private func suspectOwner(on node: Node) {
    let asked = owner.index
    store.catchUp(on: node) { [unowned self] node in
      if owner.appended != nil, owner.index == asked {
        node.log(.info, "took over", ["from": node.cluster[asked], "slot": "\(store.nextSlot)"])
        owner.index = node.index
        abandonAppend(on: node)
      }
    }
  }
}
