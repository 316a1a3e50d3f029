import EddyNode
import EddyTiming

/// A node's disk in virtual time.
///
/// It keeps the bytes of the file that a real disk would have, so that recovery reads what ``RecordLog`` wrote, torn
/// or not.
struct SimulatedDisk {
  private static let slowness = (probability: 0.1, factor: 10)
  private static let filling = (probability: 0.05, longest: Duration.seconds(2))

  private let conditions: DiskConditions
  private var random: SeededGenerator
  /// The file as a kill leaves it.
  private var file: [UInt8] = []
  /// The log, at the end of ``file``.
  private var log: RecordLog
  /// The operations that are not durable, in order.
  private var pending: [StorageOperation] = []
  /// How many of them the sync under way covers.
  private var covered = 0
  private var isFullUntil = Instant.zero

  init(_ conditions: DiskConditions, _ random: SeededGenerator) {
    self.conditions = conditions
    self.random = random
    log = RecordLog(generation: 1, to: &file)
  }

  /// Takes a node's work. Returns when its sync ends, and whether it fails; nil if the work has no sync.
  mutating func take(_ work: StorageWork, at now: Instant) -> (end: Instant, error: StorageError?)? {
    pending += work.operations
    guard work.sync != nil else { return nil }
    covered = pending.count
    guard covered > 0 else { return (now, nil) }
    var latency = conditions.latency
    if conditions.faults.contains(.slow), random.chance(Self.slowness.probability) {
      latency *= Self.slowness.factor
    }
    return (now + latency, isFull(at: now) ? StorageError("the disk is full") : nil)
  }

  private mutating func isFull(at now: Instant) -> Bool {
    guard conditions.faults.contains(.full) else { return false }
    if now >= isFullUntil, random.chance(Self.filling.probability) {
      isFullUntil = now + .nanoseconds(1 + random.below(Self.filling.longest.nanoseconds))
    }
    return now < isFullUntil
  }

  /// Ends the sync: what it covers is durable, unless it failed.
  mutating func endSync(failed: Bool) {
    if !failed {
      for operation in pending.prefix(covered) { write(operation) }
      pending.removeFirst(covered)
    }
    covered = 0
  }

  /// The node is killed: decides what is left of the operations that are not durable.
  mutating func crash() {
    let (loses, tears) = (conditions.faults.contains(.lose), conditions.faults.contains(.tear))
    switch (loses, tears) {
    case (false, false): for operation in pending { write(operation) }
    case (true, false): break
    case (false, true): tear()
    case (true, true): if random.chance(0.5) { tear() }
    }
    pending = []
    covered = 0
  }

  /// Writes some of the pending operations, and the next one in part.
  private mutating func tear() {
    guard !pending.isEmpty else { return }
    let whole = random.below(pending.count)
    for operation in pending.prefix(whole) { write(operation) }
    // A file that replaces another is renamed when it is durable: not at all, or as a whole.
    guard case .append(let record) = pending[whole] else { return }
    var entry: [UInt8] = []
    var log = log
    log.append(record, to: &entry)
    let length = random.below(entry.count)
    file += entry.prefix(length)
    // The file's new length may have reached the device, and the bytes not.
    if random.chance(0.25) { file += [UInt8](repeating: 0, count: entry.count - length) }
  }

  private mutating func write(_ operation: StorageOperation) {
    switch operation {
    case .append(let record): log.append(record, to: &file)
    case .replaceAll(let snapshot, let records):
      file = []
      log = RecordLog(generation: log.generation + 1, snapshot: snapshot, records: records, to: &file)
    }
  }

  /// Reads the disk when its node starts, and cuts off a torn end.
  mutating func recover() -> RecoveredStorage {
    do throws(RecordLog.Damage) {
      let contents = try RecordLog.read(file)
      log = contents.log
      file.removeLast(contents.tornBytes)
      return contents.recovered
    } catch {
      preconditionFailure("a simulated disk damages only its last entry, but \(error)")
    }
  }
}
