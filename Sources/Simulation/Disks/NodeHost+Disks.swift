import EddyNode
import EddyTiming

// The nodes' disks: their syncs take virtual time, in which the nodes go on.

extension NodeHost {
  /// Hands a node's storage work to its disk.
  func passStorageWork(of node: Int, at now: Instant) {
    guard !disks.isEmpty, let work = slots[node].node?.takeStorageWork(),
      let (end, error) = disks[node].take(work, at: now), let position = work.sync
    else { return }
    let sync = Sync(position: position, error: error)
    events.insert(.sync(sync, node: node, incarnation: slots[node].incarnation), at: end)
  }

  /// A sync has ended. A paused node learns of it when it is resumed.
  func end(_ sync: Sync, of node: Int, at now: Instant) {
    guard slots[node].node != nil else { return }
    disks[node].endSync(failed: sync.error != nil)
    if slots[node].isPaused { slots[node].endedSync = sync } else { report(sync, to: node, at: now) }
  }

  func report(_ sync: Sync, to node: Int, at now: Instant) {
    guard mayExpire(node, at: now) else { return }
    let local = slots[node].clock.local(now)
    if let error = sync.error {
      slots[node].node?.storageDidFail(error, through: sync.position, at: local)
    } else {
      slots[node].node?.storageDidSync(through: sync.position, at: local)
    }
    drain(node, at: now)
  }

  /// What a node finds on its disk when it starts; nil if it has no disk.
  func recoverStorage(of node: Int) -> NodeStorage? {
    disks.isEmpty ? nil : NodeStorage(disks[node].recover())
  }
}
