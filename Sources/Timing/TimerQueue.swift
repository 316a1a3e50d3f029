/// Timers ordered by deadline, first in first out among equal deadlines.
///
/// An indexed binary heap: each slot knows where in the heap its timer stands, so a timer is
/// cancelled where it is, in O(log n), rather than left behind to be skipped. The queue keeps
/// no clock; its driver hands `now` in.
///
///     var timers = TimerQueue<String>()
///     let id = timers.insert("retransmit", at: now + .milliseconds(100))
///     timers.remove(id)
///
/// A driver that runs callbacks collects the due timers first and runs them afterwards, or a
/// callback that re-arms itself without delay would keep the driver in its loop for ever:
///
///     timers.collectDue(at: now, into: &batch)
///     for id in batch {
///       // Nil when an earlier callback of the batch removed or postponed this timer.
///       if let callback = timers.popDue(id, at: now) { callback() }
///     }
public struct TimerQueue<Element> {
  /// What the heap orders. The key is kept here, not in the slot, so that sifting compares
  /// neighbours in one array.
  private struct Entry {
    var deadline: Instant
    /// Counts insertions: what makes equal deadlines first in, first out.
    var sequence: UInt64
    var slot: UInt32

    static func < (a: Entry, b: Entry) -> Bool {
      a.deadline == b.deadline ? a.sequence < b.sequence : a.deadline < b.deadline
    }
  }

  private struct Slot {
    /// Counts the occupants this slot has lost; an id with another count is stale.
    var generation: UInt32
    /// Where the heap holds the entry; meaningless while the slot is free.
    var position: Int
    /// Nil while the slot is free, so that a fired timer's closure is released at once.
    var element: Element?
  }

  private var heap: [Entry] = []
  private var slots: [Slot] = []
  private var freeSlots: [UInt32] = []
  private var nextSequence: UInt64 = 0

  /// An empty queue.
  public init() {}

  /// The number of queued timers.
  public var count: Int { heap.count }

  /// Whether no timer is queued.
  public var isEmpty: Bool { heap.isEmpty }

  /// The earliest deadline, nil when the queue is empty.
  ///
  /// - Complexity: O(1).
  public var nextDeadline: Instant? { heap.first?.deadline }

  /// Whether the timer is still queued: neither fired nor removed.
  public func contains(_ id: TimerID) -> Bool { position(of: id) != nil }

  /// The timer's deadline, nil when the id is stale.
  public func deadline(of id: TimerID) -> Instant? {
    position(of: id).map { heap[$0].deadline }
  }

  /// The timer's element, nil when the id is stale.
  public subscript(id: TimerID) -> Element? {
    position(of: id) == nil ? nil : slots[Int(id.slot)].element
  }
}

// MARK: - Changing the queue

extension TimerQueue {
  /// Queues `element` until `deadline`, which may lie in the past.
  ///
  /// - Complexity: O(log n).
  @discardableResult
  public mutating func insert(_ element: Element, at deadline: Instant) -> TimerID {
    let slot: UInt32
    if let free = freeSlots.popLast() {
      slot = free
      slots[Int(free)].element = element
    } else {
      slot = UInt32(slots.count)
      slots.append(Slot(generation: 0, position: 0, element: element))
    }
    heap.append(Entry(deadline: deadline, sequence: takeSequence(), slot: slot))
    siftUp(from: heap.count - 1)
    return TimerID(slot: slot, generation: slots[Int(slot)].generation)
  }

  /// Takes a timer out before it fires. Returns its element, nil when the id is stale.
  ///
  /// - Complexity: O(log n).
  @discardableResult
  public mutating func remove(_ id: TimerID) -> Element? {
    position(of: id).map { removeEntry(at: $0).element }
  }

  /// Moves a queued timer to another deadline, behind the timers already queued for it.
  /// The id stays good. Returns false when the id is stale.
  ///
  /// - Complexity: O(log n).
  @discardableResult
  public mutating func reschedule(_ id: TimerID, at deadline: Instant) -> Bool {
    guard let position = position(of: id) else { return false }
    heap[position].deadline = deadline
    heap[position].sequence = takeSequence()
    restoreOrder(at: position)
    return true
  }
}

// MARK: - Due timers

extension TimerQueue {
  /// Takes out the earliest timer if its deadline is at or before `now`.
  ///
  /// Called in a loop that runs what it gets, this does not end while callbacks keep
  /// inserting due timers; such a driver uses `collectDue` instead.
  ///
  /// - Complexity: O(log n).
  public mutating func popDue(at now: Instant) -> (id: TimerID, element: Element)? {
    guard let first = heap.first, first.deadline <= now else { return nil }
    return removeEntry(at: 0)
  }

  /// Takes out one timer if it is still queued and its deadline is at or before `now`.
  ///
  /// - Complexity: O(log n).
  public mutating func popDue(_ id: TimerID, at now: Instant) -> Element? {
    guard let position = position(of: id), heap[position].deadline <= now else { return nil }
    return removeEntry(at: position).element
  }

  /// Replaces `batch` by the timers due at `now`, in the order in which they fire.
  ///
  /// They stay queued: a timer that an earlier callback of the batch removes is stale by its
  /// turn, one that a callback inserts is not in the batch, and a batch given up half-way
  /// loses nothing. `batch` is the caller's so that its storage can be used again.
  ///
  /// - Complexity: O(k log k) for k due timers, however many others are queued.
  public func collectDue(at now: Instant, into batch: inout [TimerID]) {
    batch.removeAll(keepingCapacity: true)
    func appendIfDue(_ position: Int) {
      guard position < heap.count, heap[position].deadline <= now else { return }
      let slot = heap[position].slot
      batch.append(TimerID(slot: slot, generation: slots[Int(slot)].generation))
    }
    // Due timers form a subtree at the heap's root: walk it breadth first, the batch itself
    // being the queue of the walk.
    appendIfDue(0)
    var next = 0
    while next < batch.count {
      let position = slots[Int(batch[next].slot)].position
      appendIfDue(2 * position + 1)
      appendIfDue(2 * position + 2)
      next += 1
    }
    batch.sort { heap[slots[Int($0.slot)].position] < heap[slots[Int($1.slot)].position] }
  }
}

// MARK: - The heap

extension TimerQueue {
  private func position(of id: TimerID) -> Int? {
    let slot = Int(id.slot)
    // An id from another queue may name a slot this one never had.
    guard slot < slots.count, slots[slot].generation == id.generation, slots[slot].element != nil
    else { return nil }
    return slots[slot].position
  }

  private mutating func takeSequence() -> UInt64 {
    defer { nextSequence += 1 }
    return nextSequence
  }

  private mutating func removeEntry(at position: Int) -> (id: TimerID, element: Element) {
    let slot = heap[position].slot
    let id = TimerID(slot: slot, generation: slots[Int(slot)].generation)
    let last = heap.removeLast()
    if position < heap.count {
      heap[position] = last
      restoreOrder(at: position)
    }
    guard let element = slots[Int(slot)].element.take() else {
      preconditionFailure("a queued timer has an element")
    }
    slots[Int(slot)].generation &+= 1
    freeSlots.append(slot)
    return (id, element)
  }

  /// The entry at `position` is new there: it may be too small for its parent or too large
  /// for its children, never both.
  private mutating func restoreOrder(at position: Int) {
    siftUp(from: position)
    siftDown(from: position)
  }

  private mutating func siftUp(from start: Int) {
    let entry = heap[start]
    var position = start
    while position > 0 {
      let parent = (position - 1) / 2
      guard entry < heap[parent] else { break }
      place(heap[parent], at: position)
      position = parent
    }
    place(entry, at: position)
  }

  private mutating func siftDown(from start: Int) {
    let entry = heap[start]
    var position = start
    while true {
      var child = 2 * position + 1
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      guard child < heap.count, heap[child] < entry else { break }
      place(heap[child], at: position)
      position = child
    }
    place(entry, at: position)
  }

  private mutating func place(_ entry: Entry, at position: Int) {
    heap[position] = entry
    slots[Int(entry.slot)].position = position
  }

  /// Traps unless the heap is ordered and slots and heap point at each other. For tests.
  ///
  /// - Complexity: O(n).
  package func checkInvariants() {
    for (position, entry) in heap.enumerated() {
      precondition(slots[Int(entry.slot)].position == position, "a slot points elsewhere")
      precondition(slots[Int(entry.slot)].element != nil, "a queued timer has no element")
      precondition(position == 0 || heap[(position - 1) / 2] < entry, "the heap is out of order")
    }
    precondition(heap.count + freeSlots.count == slots.count, "a slot is lost")
    for slot in freeSlots {
      precondition(slots[Int(slot)].element == nil, "a free slot retains its element")
    }
  }
}
