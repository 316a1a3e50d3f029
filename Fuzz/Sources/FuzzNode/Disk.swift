import EddyNode

/// A node's disk that takes no time: what a sync covers is durable at once, unless the disk is full.
struct Disk {
  /// What is durable.
  private(set) var contents = RecoveredStorage()
  var isFull = false
  /// What was not synced. A restart loses it.
  private var pending: [StorageOperation] = []

  mutating func restart() { pending = [] }

  /// Returns why a sync has failed.
  mutating func carryOut(_ work: StorageWork) -> StorageError? {
    pending += work.operations
    guard work.sync != nil else { return nil }
    if isFull { return StorageError("the disk is full") }
    for operation in pending {
      switch operation {
      case .append(let record): contents.records.append(record)
      case .replaceAll(let snapshot, let records):
        contents = RecoveredStorage(snapshot: snapshot, records: records)
      }
    }
    pending = []
    return nil
  }
}
