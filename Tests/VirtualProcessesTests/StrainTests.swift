import EddyTiming
import Testing

@testable import EddyVirtualProcesses

/// A node that never waits costs a run of 26 virtual seconds a few seconds at most.
@Suite struct StrainTests {
  private let end = Instant.zero + .seconds(26)

  @Test func aNodeThatMakesCallsWithoutEndMakesFewInTheEnd() {
    var strain = Strain()
    var (now, stops) = (Instant.zero, 0)
    while now < end {
      stops += 1
      if let pause = strain.countStop(at: now) { now = now + pause }
    }
    // About 10 s at 20 µs each.
    #expect((200_000...500_000).contains(stops))
  }

  @Test func aNodeThatWasBusyOnceMayBeSoAgainLater() {
    var strain = Strain()
    for second in 0..<5 {
      let now = Instant.zero + .seconds(2 * second)
      var stops = 0
      while strain.countStop(at: now) == nil { stops += 1 }
      #expect(stops == 100_000)
    }
  }

  @Test func allThreadsOfABusyNodeWaitAndThatIsOneExcess() {
    var strain = Strain()
    while strain.countStop(at: .zero) == nil {}
    #expect((0..<100).allSatisfy { _ in (strain.countStop(at: .zero) ?? .zero) > .zero })
    let next = Instant.zero + .milliseconds(10)
    var stops = 0
    while strain.countStop(at: next) == nil { stops += 1 }
    #expect(stops == 50_000)
  }

  @Test func aNodeThatComputesWithoutEndComputesLittleInTheEnd() {
    var strain = Strain()
    var (now, computed) = (Instant.zero, Duration.zero)
    while now < end {
      computed = computed + strain.computationLimit(at: now)
      now = now + strain.countComputation(at: now)
    }
    #expect(computed < .seconds(4))
    #expect(strain.computationLimit(at: now + .seconds(2)) == .milliseconds(500))
  }
}
