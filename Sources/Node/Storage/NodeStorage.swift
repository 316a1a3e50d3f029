/// A node's disk as its handler sees it: an append-only log of records and a snapshot, without IO.
///
/// The handler appends records and asks for a sync; what must not be said before a record is durable, it says in
/// the sync's callback. The node's driver carries the operations out, as it carries the output: in order, and
/// after the handler's callback has returned.
///
///     storage.append(vote)
///     storage.sync { error, node in
///       guard error == nil else { return }
///       node.reply(to: request, type: "vote_ok")
///     }
///
/// **Group commit.** At most one sync is under way. Those that are asked for meanwhile share the next one.
///
/// **A full disk** fails a sync, and changes nothing else: what was appended stays queued in its order, and the
/// next sync tries all of it again.
public final class NodeStorage {
  /// What the disk holds from earlier incarnations of the node. Empty once `Handler.start(on:)` has returned, so
  /// that a large log does not stay in memory.
  public private(set) var recovered: RecoveredStorage

  /// The operations that the driver has not taken.
  private var operations: [StorageOperation] = []
  /// The number of operations so far: the position of the next one.
  private var position = 0
  /// The callbacks of syncs, each with the position through which it asks, in ascending order.
  private var waiting: [(through: Int, then: (StorageError?, Node) -> Void)] = []
  /// The position through which a sync is under way; nil if none is.
  private var underWay: Int?

  /// The disk of a node that is about to start.
  ///
  /// - Parameter recovered: What the driver has read from the disk.
  public init(_ recovered: RecoveredStorage = RecoveredStorage()) { self.recovered = recovered }
}

// MARK: - Handler's side

extension NodeStorage {
  /// Adds a record at the end of the log. It may be lost before a later ``sync(_:)`` has called back without an
  /// error. O(1).
  public func append(_ record: [UInt8]) { add(.append(record)) }

  /// Replaces the snapshot and all records.
  ///
  /// It takes its place in the order of the appends, and the disk is never in between: it holds either all that
  /// was there before, or `snapshot`, `records` and what is appended later.
  ///
  /// - Parameters:
  ///   - snapshot: The new snapshot.
  ///   - records: The records that the new log begins with: those that the snapshot does not cover.
  public func replaceAll(snapshot: [UInt8], records: [[UInt8]] = []) {
    add(.replaceAll(snapshot: snapshot, records: records))
  }

  /// Calls `then` once: with nil when everything appended before this call is durable, or with the reason why it
  /// is not.
  ///
  /// It is never called within this call, and callbacks run in the order of the calls. The closure is released
  /// as soon as it has run.
  public func sync(_ then: @escaping (StorageError?, Node) -> Void) { waiting.append((position, then)) }

  private func add(_ operation: StorageOperation) {
    operations.append(operation)
    position += 1
  }
}

// MARK: - Node's side

extension NodeStorage {
  /// Whether ``takeWork()`` would return something.
  var hasWork: Bool { !operations.isEmpty || (underWay == nil && !waiting.isEmpty) }

  func takeWork() -> StorageWork? {
    guard hasWork else { return nil }
    defer { operations.removeAll() }
    guard underWay == nil, !waiting.isEmpty else { return StorageWork(operations: operations, sync: nil) }
    underWay = position
    return StorageWork(operations: operations, sync: position)
  }

  /// Ends the sync through `position`. Returns the callbacks that waited for it, in order.
  func endSync(through position: Int) -> [(StorageError?, Node) -> Void] {
    precondition(underWay == position, "no sync through this position is under way")
    underWay = nil
    let count = waiting.prefix { $0.through <= position }.count
    defer { waiting.removeFirst(count) }
    return waiting.prefix(count).map(\.then)
  }

  /// Forgets what was recovered.
  func releaseRecovered() { recovered = RecoveredStorage() }

  /// Drops all operations, and all callbacks without calling them: the disk is gone.
  func abandon() {
    operations = []
    waiting = []
  }
}

/// What a disk holds when a node starts.
public struct RecoveredStorage: Hashable, Sendable {
  /// The latest snapshot; nil if there was none.
  public var snapshot: [UInt8]?
  /// The records after it, in the order of the appends.
  public var records: [[UInt8]]

  /// By default, an empty disk.
  public init(snapshot: [UInt8]? = nil, records: [[UInt8]] = []) {
    self.snapshot = snapshot
    self.records = records
  }
}

/// What a driver does to a disk.
public enum StorageOperation: Hashable, Sendable {
  /// Adds a record at the end of the log.
  case append([UInt8])
  /// Replaces the snapshot and all records, in one step.
  case replaceAll(snapshot: [UInt8], records: [[UInt8]])
}

/// What a driver has to do to a node's disk: the operations in order, and then a sync if there is one.
public struct StorageWork: Sendable {
  /// The operations, in order. The driver may carry them out at once or with the next sync.
  public var operations: [StorageOperation]
  /// Asks to make everything so far durable, and then to call ``Node/storageDidSync(through:at:)`` with this
  /// number; nil if no sync is asked for.
  public var sync: Int?

  /// Work, as a test of a driver makes it.
  public init(operations: [StorageOperation], sync: Int?) {
    self.operations = operations
    self.sync = sync
  }
}

/// Why a sync has failed: the disk is full. Nothing is lost, and a later sync tries again.
public struct StorageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The reason in words, such as `the disk is full`.
  public let reason: String

  /// An error with a reason in words: a clause without a full stop.
  public init(_ reason: String) { self.reason = reason }

  /// The reason.
  public var description: String { reason }
}
