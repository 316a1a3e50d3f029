/// The order of a `TimerQueue`: deadlines and ids, without the elements.
///
/// An indexed binary heap: each slot knows the position of its entry in the heap, so that an entry is
/// removed where it is. Separate from the queue, which is generic, so that it is compiled once and is fast
/// for elements of any type.
@usableFromInline struct TimerHeap {
  /// What the heap orders. The key is kept here, not in the slot, so that sifting compares
  /// neighbours in one array.
  private struct Entry {
    var deadline: Instant
    /// Counts insertions, so that equal deadlines are first in, first out.
    var sequence: UInt64
    var slot: UInt32

    static func < (a: Entry, b: Entry) -> Bool {
      a.deadline == b.deadline ? a.sequence < b.sequence : a.deadline < b.deadline
    }
  }

  private struct Slot {
    /// Counts the entries that have left this slot. An id with another count is stale.
    var generation: UInt32
    /// Where the heap holds the entry, nil while the slot is free.
    var position: Int?
  }

  private var entries: [Entry] = []
  private var slots: [Slot] = []
  private var freeSlots: [UInt32] = []
  private var nextSequence: UInt64 = 0

  @usableFromInline init() {}

  @usableFromInline var count: Int { entries.count }

  /// The earliest entry.
  @usableFromInline var first: (id: TimerID, deadline: Instant)? {
    entries.first.map { (id(of: $0), $0.deadline) }
  }

  /// The entry's deadline, nil if the id is stale.
  @usableFromInline func deadline(of id: TimerID) -> Instant? {
    position(of: id).map { entries[$0].deadline }
  }

  /// Adds an entry, in a slot that was free or is new.
  @usableFromInline mutating func insert(at deadline: Instant) -> TimerID {
    let slot = freeSlots.popLast() ?? UInt32(slots.count)
    if slot == slots.count { slots.append(Slot(generation: 0, position: nil)) }
    slots[Int(slot)].position = entries.count
    entries.append(Entry(deadline: deadline, sequence: takeSequence(), slot: slot))
    siftUp(from: entries.count - 1)
    return TimerID(slot: slot, generation: slots[Int(slot)].generation)
  }

  /// Removes an entry and frees its slot. Returns false if the id is stale.
  @usableFromInline mutating func remove(_ id: TimerID) -> Bool {
    guard let position = position(of: id) else { return false }
    let last = entries.removeLast()
    if position < entries.count {
      put(last, at: position)
      restoreOrder(at: position)
    }
    slots[Int(id.slot)].position = nil
    slots[Int(id.slot)].generation &+= 1
    freeSlots.append(id.slot)
    return true
  }

  /// Gives an entry another deadline and queues it behind its equals. Returns false if the id is stale.
  @usableFromInline mutating func reschedule(_ id: TimerID, at deadline: Instant) -> Bool {
    guard let position = position(of: id) else { return false }
    entries[position].deadline = deadline
    entries[position].sequence = takeSequence()
    restoreOrder(at: position)
    return true
  }

  /// Replaces `batch` by the entries due at `now`, in order.
  @usableFromInline func collectDue(at now: Instant, into batch: inout [TimerID]) {
    batch.removeAll(keepingCapacity: true)
    func appendIfDue(_ position: Int) {
      guard position < entries.count, entries[position].deadline <= now else { return }
      batch.append(id(of: entries[position]))
    }
    // Due entries form a subtree at the heap's root: walk it breadth first, the batch itself
    // being the queue of the walk.
    appendIfDue(0)
    var next = 0
    while next < batch.count {
      let position = queuedPosition(of: batch[next].slot)
      appendIfDue(2 * position + 1)
      appendIfDue(2 * position + 2)
      next += 1
    }
    if batch.count > 1 {
      batch.sort { entries[queuedPosition(of: $0.slot)] < entries[queuedPosition(of: $1.slot)] }
    }
  }
}

// MARK: - Positions

extension TimerHeap {
  private func id(of entry: Entry) -> TimerID {
    TimerID(slot: entry.slot, generation: slots[Int(entry.slot)].generation)
  }

  /// The position of the id's entry in the heap, nil if the id is stale.
  private func position(of id: TimerID) -> Int? {
    let slot = Int(id.slot)
    // An id from another queue may name a slot that this one never had.
    guard slot < slots.count, slots[slot].generation == id.generation else { return nil }
    return slots[slot].position
  }

  private func queuedPosition(of slot: UInt32) -> Int {
    guard let position = slots[Int(slot)].position else {
      preconditionFailure("a queued entry has a position")
    }
    return position
  }

  private mutating func takeSequence() -> UInt64 {
    defer { nextSequence += 1 }
    return nextSequence
  }

  /// The entry at `position` is new there: it may be too small for its parent or too large
  /// for its children, never both.
  private mutating func restoreOrder(at position: Int) {
    siftUp(from: position)
    siftDown(from: position)
  }

  private mutating func siftUp(from start: Int) {
    let entry = entries[start]
    var position = start
    while position > 0 {
      let parent = (position - 1) / 2
      guard entry < entries[parent] else { break }
      put(entries[parent], at: position)
      position = parent
    }
    if position != start { put(entry, at: position) }
  }

  private mutating func siftDown(from start: Int) {
    let entry = entries[start]
    var position = start
    while true {
      var child = 2 * position + 1
      if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
      guard child < entries.count, entries[child] < entry else { break }
      put(entries[child], at: position)
      position = child
    }
    if position != start { put(entry, at: position) }
  }

  private mutating func put(_ entry: Entry, at position: Int) {
    entries[position] = entry
    slots[Int(entry.slot)].position = position
  }

  /// Traps unless the heap is ordered and slots and entries point at each other.
  func checkInvariants() {
    for (position, entry) in entries.enumerated() {
      precondition(slots[Int(entry.slot)].position == position, "a slot points elsewhere")
      precondition(position == 0 || entries[(position - 1) / 2] < entry, "the heap is out of order")
    }
    precondition(entries.count + freeSlots.count == slots.count, "a slot is lost")
    precondition(freeSlots.allSatisfy { slots[Int($0)].position == nil }, "a free slot is queued")
  }
}
