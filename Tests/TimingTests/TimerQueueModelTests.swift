import EddyTiming
import Testing

/// The queue beside a sorted array that does the same slowly.
private struct Model {
  var queue = TimerQueue<Int>()
  var expected: [(deadline: Int, sequence: Int, element: Int)] = []
  private var ids: [Int: TimerID] = [:]
  private var sequence = 0

  mutating func insert(at deadline: Int) {
    let element = sequence
    ids[element] = queue.insert(element, at: Instant(nanoseconds: deadline))
    expect(element, at: deadline)
  }

  mutating func remove(_ element: Int) {
    let index = expected.firstIndex { $0.element == element }
    if let index { expected.remove(at: index) }
    let removed = queue.remove(ids[element]!)
    #expect(removed == (index == nil ? nil : element))
    check()
  }

  mutating func reschedule(_ element: Int, at deadline: Int) {
    let index = expected.firstIndex { $0.element == element }
    let moved = queue.reschedule(ids[element]!, at: Instant(nanoseconds: deadline))
    #expect(moved == (index != nil))
    guard let index else { return }
    expected.remove(at: index)
    expect(element, at: deadline)
  }

  mutating func popDue(at now: Int) {
    let due = expected.first.flatMap { $0.deadline <= now ? $0.element : nil }
    if due != nil { expected.removeFirst() }
    let popped = queue.popDue(at: Instant(nanoseconds: now))
    #expect(popped?.element == due)
    check()
  }

  func checkDue(at now: Int) {
    var batch: [TimerID] = []
    queue.collectDue(at: Instant(nanoseconds: now), into: &batch)
    #expect(batch.map { queue[$0]! } == expected.filter { $0.deadline <= now }.map(\.element))
  }

  private mutating func expect(_ element: Int, at deadline: Int) {
    expected.append((deadline, sequence, element))
    sequence += 1
    expected.sort { ($0.deadline, $0.sequence) < ($1.deadline, $1.sequence) }
    check()
  }

  private func check() {
    queue.checkInvariants()
    #expect(queue.count == expected.count)
    #expect(queue.nextDeadline?.nanoseconds == expected.first?.deadline)
  }
}

@Suite struct TimerQueueModelTests {
  /// Every sequence of four deadlines out of three, with every one of the four removed or
  /// moved to each deadline, then collected and popped at each instant.
  @Test func everySmallQueueBehavesAsASortedArray() {
    for code in 0..<81 {
      let deadlines = [1, 3, 9, 27].map { Int(code / $0 % 3) }
      for element in deadlines.indices {
        for change in Int(-1)...2 {
          var model = Model()
          for deadline in deadlines { model.insert(at: deadline) }
          if change < 0 { model.remove(element) } else { model.reschedule(element, at: change) }
          for now in Int(-1)...2 {
            model.checkDue(at: now)
            for _ in 0..<2 { model.popDue(at: now) }
          }
        }
      }
    }
  }

  @Test(arguments: UInt64(1)...8)
  func aLongRandomHistoryBehavesAsASortedArray(seed: UInt64) {
    var state = seed
    func draw(below bound: Int) -> Int {
      // Knuth's MMIX generator: the same history on every run.
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    var model = Model()
    func drawElement() -> Int? {
      model.expected.isEmpty ? nil : model.expected[draw(below: model.expected.count)].element
    }
    for step in 0..<600 {
      let now = Int(step / 8)
      switch draw(below: 6) {
      case 0, 1, 2: model.insert(at: now + Int(draw(below: 40)))
      case 3: if let element = drawElement() { model.remove(element) }
      case 4:
        if let element = drawElement() { model.reschedule(element, at: now + Int(draw(below: 40))) }
      default: model.popDue(at: now)
      }
      if step % 20 == 0 { model.checkDue(at: now + 10) }
    }
  }
}
