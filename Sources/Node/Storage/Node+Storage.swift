public import EddyTiming

// The driver's side of a node's disk.

extension Node {
  /// Whether ``takeStorageWork()`` would return something. O(1).
  public var hasStorageWork: Bool { storage?.hasWork ?? false }

  /// Removes and returns what the node's handler has asked of its disk since the last call; nil if nothing.
  ///
  /// Work with a sync is followed by one call of ``storageDidSync(through:at:)``, ``storageDidFail(_:through:at:)``
  /// or ``storageHasFailed(_:at:)``. Until then no other work has a sync.
  public func takeStorageWork() -> StorageWork? { storage?.takeWork() }

  /// Everything up to the sync `position` of the work is durable: calls the handler back.
  public func storageDidSync(through position: Int, at now: Instant) {
    endSync(through: position, nil, at: now)
  }

  /// The disk is full: the handler is told. The driver keeps all operations that are not durable, in order, and
  /// tries them again with the next sync.
  public func storageDidFail(_ error: StorageError, through position: Int, at now: Instant) {
    move(to: now)
    log(.error, "cannot write to the disk", ["reason": error.reason])
    endSync(through: position, error, at: now)
  }

  /// The disk cannot be used, now and later: the node takes part in nothing any more. It answers an `init` with
  /// error 13 and this reason, ignores every other message, and fires no timer.
  ///
  /// The driver calls it when it cannot open the disk, before any input, or when a write or a sync has failed. A
  /// node that went on would say what it does not know to be durable.
  public func storageHasFailed(_ reason: String, at now: Instant) {
    move(to: now)
    log(.error, "cannot use the disk", ["reason": reason])
    storage?.abandon()
    storageFailure = reason
  }

  private func endSync(through position: Int, _ error: StorageError?, at now: Instant) {
    guard let storage, storageFailure == nil else { return }
    move(to: now)
    for then in storage.endSync(through: position) { then(error, self) }
  }
}
