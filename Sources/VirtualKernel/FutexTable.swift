/// Where threads wait: an address within an address space, or a place in memory that processes share.
struct FutexKey: Hashable {
  private enum Place: Hashable {
    case own(memory: Int, address: UInt64)
    case shared(SharedPlace)
  }

  private var place: Place

  init(memory: Int, address: UInt64) { place = .own(memory: memory, address: address) }
  init(_ shared: SharedPlace) { place = .shared(shared) }
}

/// The queues of futex(2), first in first out.
///
/// Threads of the whole cluster run one at a time, so a word in memory does not change between a look at it and the
/// wait.
struct FutexTable {
  struct Waiter {
    var thread: VirtualThread
    /// Only a wake with one of these bits wakes it.
    var bits: UInt32
  }

  private var queues: [FutexKey: [Waiter]] = [:]

  /// A set of all bits: FUTEX_BITSET_MATCH_ANY.
  static let anyBits = UInt32.max

  var isEmpty: Bool { queues.isEmpty }

  mutating func add(_ thread: VirtualThread, at key: FutexKey, bits: UInt32 = anyBits) {
    queues[key, default: []].append(Waiter(thread: thread, bits: bits))
  }

  mutating func remove(_ thread: VirtualThread, at key: FutexKey) {
    queues[key]?.removeAll { $0.thread === thread }
    if queues[key]?.isEmpty == true { queues[key] = nil }
  }

  /// Removes at most `count` waiters of one of the bits. Returns them in the order of their waits.
  mutating func wake(_ key: FutexKey, count: Int, bits: UInt32 = anyBits) -> [VirtualThread] {
    guard count > 0, let queue = queues[key] else { return [] }
    var woken: [VirtualThread] = []
    var rest: [Waiter] = []
    for waiter in queue {
      if woken.count < count, waiter.bits & bits != 0 {
        woken.append(waiter.thread)
      } else {
        rest.append(waiter)
      }
    }
    queues[key] = rest.isEmpty ? nil : rest
    return woken
  }

  /// Moves at most `count` waiters to another queue's end. Returns them.
  mutating func move(from key: FutexKey, to other: FutexKey, count: Int) -> [VirtualThread] {
    guard count > 0, let queue = queues[key] else { return [] }
    let moved = queue.prefix(count)
    let rest = Array(queue.dropFirst(count))
    queues[key] = rest.isEmpty ? nil : rest
    queues[other, default: []].append(contentsOf: moved)
    return moved.map(\.thread)
  }
}
