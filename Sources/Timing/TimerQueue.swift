/// Timers ordered by deadline, first in first out among equal deadlines.
///
/// A cancelled timer is removed at once, in O(log n), rather than skipped later. The queue reads no clock;
/// its driver passes `now`.
///
///     var timers = TimerQueue<String>()
///     let id = timers.insert("retransmit", at: now + .milliseconds(100))
///     timers.remove(id)
///
/// A driver that runs callbacks collects the due timers first and runs them afterwards. Otherwise a callback
/// that re-arms itself without delay would keep the driver in its loop:
///
///     timers.collectDue(at: now, into: &batch)
///     for id in batch {
///       // Nil when an earlier callback of the batch removed or postponed this timer.
///       if let callback = timers.popDue(id, at: now) { callback() }
///     }
public struct TimerQueue<Element> {
  @usableFromInline var heap = TimerHeap()

  /// Elements by the slots of their ids. Nil while a slot is free, so that the closure of a fired timer is
  /// released at once.
  @usableFromInline var elements: [Element?] = []

  /// An empty queue.
  @inlinable
  public init() {}

  /// The number of queued timers.
  @inlinable
  public var count: Int { heap.count }

  /// Whether no timer is queued.
  @inlinable
  public var isEmpty: Bool { heap.count == 0 }

  /// The earliest deadline, nil if the queue is empty.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var nextDeadline: Instant? { heap.first?.deadline }

  /// The queued elements, not in the order of their deadlines.
  public var elementsInAnyOrder: some Sequence<Element> { elements.lazy.compactMap { $0 } }

  /// Whether the timer is still queued: neither fired nor removed.
  @inlinable
  public func contains(_ id: TimerID) -> Bool { heap.deadline(of: id) != nil }

  /// The timer's deadline, nil if the id is stale.
  @inlinable
  public func deadline(of id: TimerID) -> Instant? { heap.deadline(of: id) }

  /// The timer's element, nil if the id is stale.
  @inlinable
  public subscript(id: TimerID) -> Element? {
    contains(id) ? elements[Int(id.slot)] : nil
  }
}

// MARK: - Changing the queue

extension TimerQueue {
  /// Queues `element` until `deadline`, which may lie in the past.
  ///
  /// - Complexity: O(log n).
  @inlinable
  @discardableResult
  public mutating func insert(_ element: Element, at deadline: Instant) -> TimerID {
    let id = heap.insert(at: deadline)
    if id.slot == elements.count {
      elements.append(element)
    } else {
      elements[Int(id.slot)] = element
    }
    return id
  }

  /// Removes a timer before it fires. Returns its element, nil if the id is stale.
  ///
  /// - Complexity: O(log n).
  @inlinable
  @discardableResult
  public mutating func remove(_ id: TimerID) -> Element? {
    heap.remove(id) ? elements[Int(id.slot)].take() : nil
  }

  /// Moves a queued timer to another deadline, behind the timers already queued for it. The id stays valid.
  /// Returns false if the id is stale.
  ///
  /// - Complexity: O(log n).
  @inlinable
  @discardableResult
  public mutating func reschedule(_ id: TimerID, at deadline: Instant) -> Bool {
    heap.reschedule(id, at: deadline)
  }
}

// MARK: - Due timers

extension TimerQueue {
  /// Removes the earliest timer if its deadline is at or before `now`.
  ///
  /// A loop that calls this and runs the element does not end while callbacks insert due timers. A driver
  /// that runs callbacks uses ``collectDue(at:into:)``.
  ///
  /// - Complexity: O(log n).
  @inlinable
  public mutating func popDue(at now: Instant) -> (id: TimerID, element: Element)? {
    guard let (id, deadline) = heap.first, deadline <= now else { return nil }
    return remove(id).map { (id, $0) }
  }

  /// Removes one timer if it is still queued and its deadline is at or before `now`.
  ///
  /// - Complexity: O(log n).
  @inlinable
  public mutating func popDue(_ id: TimerID, at now: Instant) -> Element? {
    guard let deadline = heap.deadline(of: id), deadline <= now else { return nil }
    return remove(id)
  }

  /// Replaces the contents of `batch` by the timers due at `now`, in the order in which they fire.
  ///
  /// They stay queued. So a timer that an earlier callback of the batch removes is stale when its turn
  /// comes, one that a callback inserts is not in the batch, and a batch that is abandoned loses nothing.
  /// The caller owns `batch`, so that its storage is reused.
  ///
  /// - Complexity: O(k log k) for k due timers, independent of how many others are queued.
  @inlinable
  public func collectDue(at now: Instant, into batch: inout [TimerID]) {
    heap.collectDue(at: now, into: &batch)
  }

  /// Traps unless the queue's parts agree. For tests.
  ///
  /// - Complexity: O(n).
  package func checkInvariants() {
    heap.checkInvariants()
    let retained = elements.count { $0 != nil }
    precondition(retained == heap.count, "a free slot retains its element")
  }
}
