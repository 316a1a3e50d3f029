import EddyNode
import EddyTiming
import Testing

@testable import EddyWorkloads

@Suite struct GroupCommitTests {
  private func at(_ milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }

  @Test func aBatchIsCompleteWhenEverybodyWaits() {
    var clients = GroupCommit(memory: .milliseconds(100))
    clients.hear("c1", at: at(0))
    clients.hear("c2", at: at(10))
    let withoutOne = clients.isComplete(waiting: ["c1"], at: at(20))
    let withAll = clients.isComplete(waiting: ["c1", "c2", "c3"], at: at(20))
    #expect(!withoutOne && withAll)
  }

  @Test func whoIsSilentForLongIsForgotten() {
    var clients = GroupCommit(memory: .milliseconds(100))
    clients.hear("c1", at: at(0))
    let atOnce = clients.isComplete(waiting: [], at: at(100))
    let later = clients.isComplete(waiting: [], at: at(101))
    clients.hear("c1", at: at(150))
    let whenBack = clients.isComplete(waiting: [], at: at(160))
    #expect([atOnce, later, whenBack] == [false, true, false])
  }

  /// Nobody waits, so nobody asks whether a batch is complete: reads alone must not fill the memory.
  @Test(arguments: [0, 1, 7, 1000])
  func clientsThatOnlyReadFillNoMemory(millisecondsApart: Int) {
    var clients = GroupCommit(memory: .milliseconds(1000))
    var largest = 0
    for number in 0..<20_000 {
      clients.hear("c\(number)", at: at(number * millisecondsApart))
      largest = max(largest, clients.count)
    }
    #expect(largest <= GroupCommit.capacity)
    if millisecondsApart >= 7 { #expect(largest <= 2 * 1000 / millisecondsApart + 64) }
  }

  /// Forgetting is allowed to make a batch wait, never to send it while somebody is awaited.
  @Test(arguments: UInt64(0)..<20)
  func aBatchIsNeverCalledCompleteTooEarly(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var clients = GroupCommit(memory: .milliseconds(100))
    var lastHeard: [String: Instant] = [:]
    var (now, completed) = (Instant.zero, 0)
    let names = random.below(2) == 0 ? 10 : 20_000
    let pace = names == 10 ? 5_000_000 : 50_000
    for _ in 0..<10_000 {
      now = now + .nanoseconds(random.below(pace))
      let name = "c\(random.below(names))"
      clients.hear(name, at: now)
      lastHeard[name] = now
      guard random.below(50) == 0 else { continue }
      let awaited = lastHeard.filter { now - $0.value <= .milliseconds(100) }.keys
      let waiting = Set(awaited.filter { _ in random.below(20) > 0 })
      if clients.isComplete(waiting: waiting, at: now) {
        completed += 1
        #expect(awaited.allSatisfy(waiting.contains))
      }
    }
    #expect(names > 10 || completed > 10)
  }
}
