import EddyTiming
import Testing

@Suite struct TimerQueueTests {
  private func instant(_ nanoseconds: Int) -> Instant { Instant(nanoseconds: nanoseconds) }

  /// Fires what is due at `now` as a driver does: collected first, then run.
  private func fire<Element>(
    _ queue: inout TimerQueue<Element>, at now: Instant,
    run: (inout TimerQueue<Element>, Element) -> Void
  ) {
    var batch: [TimerID] = []
    queue.collectDue(at: now, into: &batch)
    for id in batch {
      guard let element = queue.popDue(id, at: now) else { continue }
      run(&queue, element)
    }
    queue.checkInvariants()
  }

  @Test func anEmptyQueueHasNothing() {
    var queue = TimerQueue<Int>()
    #expect(queue.isEmpty)
    #expect(queue.nextDeadline == nil)
    let popped = queue.popDue(at: instant(.max))
    #expect(popped == nil)
  }

  @Test func timersPopInOrderOfDeadline() {
    var queue = TimerQueue<Int>()
    for deadline in [5, 1, 4, 2, 3] { _ = queue.insert(deadline, at: instant(Int(deadline))) }
    var popped: [Int] = []
    while let (_, element) = queue.popDue(at: instant(4)) { popped.append(element) }
    #expect(popped == [1, 2, 3, 4])
    #expect(queue.nextDeadline == instant(5))
    #expect(queue.count == 1)
  }

  @Test func equalDeadlinesPopFirstInFirstOut() {
    var queue = TimerQueue<Int>()
    for element in 0..<100 { _ = queue.insert(element, at: instant(7)) }
    var popped: [Int] = []
    fire(&queue, at: instant(7)) { popped.append($1) }
    #expect(popped == Array(0..<100))
  }

  @Test func aTimerIsDueAtItsVeryInstantAndNotBefore() {
    var queue = TimerQueue<Int>()
    let id = queue.insert(1, at: instant(10))
    let early = (queue.popDue(at: instant(9))?.element, queue.popDue(id, at: instant(9)))
    #expect(early == (nil, nil))
    let due = queue.popDue(id, at: instant(10))
    #expect(due == 1)
  }

  @Test func aRemovedTimerNeverFires() {
    var queue = TimerQueue<Int>()
    let id = queue.insert(1, at: instant(1))
    _ = queue.insert(2, at: instant(2))
    let removed = queue.remove(id)
    #expect(removed == 1)
    #expect(!queue.contains(id))
    var fired: [Int] = []
    fire(&queue, at: instant(9)) { fired.append($1) }
    #expect(fired == [2])
  }

  @Test func aStaleIDIsHarmlessWhenItsSlotIsTakenAgain() {
    var queue = TimerQueue<Int>()
    let stale = queue.insert(1, at: instant(1))
    queue.remove(stale)
    let fresh = queue.insert(2, at: instant(2))
    #expect(fresh != stale)
    let removed = queue.remove(stale)
    #expect(removed == nil)
    #expect(queue[stale] == nil)
    #expect(queue.deadline(of: stale) == nil)
    let moved = queue.reschedule(stale, at: instant(9))
    #expect(!moved)
    #expect(queue[fresh] == 2)
    #expect(queue.deadline(of: fresh) == instant(2))
  }

  @Test func anIDOfALargerQueueIsStaleInASmallerOne() {
    var large = TimerQueue<Int>()
    var small = TimerQueue<Int>()
    _ = large.insert(1, at: instant(1))
    let foreign = large.insert(2, at: instant(2))
    let removed = small.remove(foreign)
    #expect(removed == nil)
  }

  @Test func aRescheduledTimerKeepsItsIDAndGoesBehindItsEquals() {
    var queue = TimerQueue<String>()
    let moved = queue.insert("moved", at: instant(1))
    _ = queue.insert("settled", at: instant(5))
    queue.reschedule(moved, at: instant(5))
    #expect(queue.contains(moved))
    var fired: [String] = []
    fire(&queue, at: instant(5)) { fired.append($1) }
    #expect(fired == ["settled", "moved"])
  }

  @Test func aTimerInsertedDuringABatchWaitsForTheNext() {
    var queue = TimerQueue<Int>()
    // The second is due as well: an insertion ahead of it must neither fire nor hide it.
    _ = queue.insert(1, at: instant(1))
    _ = queue.insert(2, at: instant(2))
    var fired: [Int] = []
    fire(&queue, at: instant(2)) { queue, element in
      fired.append(element)
      _ = queue.insert(element + 10, at: instant(0))
    }
    #expect(fired == [1, 2])
    fire(&queue, at: instant(2)) { fired.append($1) }
    #expect(fired == [1, 2, 11, 12])
  }

  @Test func aTimerCancelledByAnEarlierOneOfItsBatchDoesNotFire() {
    var queue = TimerQueue<Int>()
    _ = queue.insert(1, at: instant(1))
    let victim = queue.insert(2, at: instant(1))
    _ = queue.insert(3, at: instant(1))
    var fired: [Int] = []
    fire(&queue, at: instant(1)) { queue, element in
      fired.append(element)
      queue.remove(victim)
    }
    #expect(fired == [1, 3])
  }

  @Test func aTimerPostponedByAnEarlierOneOfItsBatchFiresLater() {
    var queue = TimerQueue<Int>()
    _ = queue.insert(1, at: instant(1))
    let postponed = queue.insert(2, at: instant(1))
    var fired: [Int] = []
    fire(&queue, at: instant(1)) { queue, element in
      fired.append(element)
      queue.reschedule(postponed, at: instant(8))
    }
    #expect(fired == [1])
    #expect(queue.nextDeadline == instant(8))
  }

  @Test func firedAndRemovedElementsAreReleased() {
    final class Token {}
    var queue = TimerQueue<Token>()
    weak var fired: Token?
    weak var removed: Token?
    do {
      let first = Token()
      let second = Token()
      (fired, removed) = (first, second)
      _ = queue.insert(first, at: instant(1))
      queue.remove(queue.insert(second, at: instant(2)))
    }
    #expect(removed == nil)
    #expect(fired != nil)
    _ = queue.popDue(at: instant(1))
    #expect(fired == nil)
  }
}
