import Node
import Testing
import Timing

@testable import Workloads

@Suite struct VersionVectorTests {
  @Test func mergeTakesTheLargerCountOfEachOrigin() {
    var a = VersionVector()
    var b = VersionVector()
    a.raise(0, to: 3)
    b.raise(0, to: 1)
    b.raise(2, to: 5)
    #expect(!a.covers(b))
    a.merge(b)
    #expect((a[0], a[1], a[2], a[9]) == (3, 0, 5, 0))
    #expect(a.covers(b))
    #expect(!b.covers(a))
  }

  @Test func vectorNeverShrinks() {
    var vector = VersionVector()
    vector.raise(1, to: 4)
    vector.raise(1, to: 2)
    #expect(vector[1] == 4)
  }
}

@Suite struct ReplicatedLogTests {
  private let origin = Origin(node: 3, incarnation: 99)

  private func run(_ first: Int, _ entries: Int...) -> ReplicatedLog.Run {
    ReplicatedLog.Run(origin: origin, first: first, entries: entries.map { RawJSON($0) })
  }

  @Test func runsApplyOnceHoweverTheyOverlap() {
    var log = ReplicatedLog()
    #expect(log.apply(run(0, 10, 11))?.map(\.value.description) == ["10", "11"])
    #expect(log.apply(run(0, 10, 11)).map(\.isEmpty) == true)
    #expect(log.apply(run(1, 11, 12))?.map(\.value.description) == ["12"])
    #expect(log.versions[0] == 3)
  }

  @Test func runBeyondAGapIsRefused() {
    var log = ReplicatedLog()
    #expect(log.apply(run(1, 11)) == nil)
    #expect(log.versions[0] == 0)
  }

  @Test func livesOfANodeAreDifferentOrigins() {
    var log = ReplicatedLog()
    _ = log.apply(run(0, 10))
    let other = ReplicatedLog.Run(origin: Origin(node: 3, incarnation: 100), first: 0, entries: [RawJSON(10)])
    #expect(log.apply(other)?.count == 1)
    #expect(log.origins.count == 2)
  }

  @Test func runsBeyondAVectorAreWhatItLacks() {
    var log = ReplicatedLog()
    _ = log.apply(run(0, 10, 11, 12))
    var known = VersionVector()
    known.raise(0, to: 1)
    var runs: [String] = []
    log.forEachRun(beyond: known) {
      runs.append("\($0.origin.node) \($0.first) \($0.entries.map(\.description))")
    }
    #expect(runs == [#"3 1 ["11", "12"]"#])
  }
}

@Suite struct LatestEntryLogTests {
  private let origin = Origin(node: 3, incarnation: 99)

  private func run(_ first: Int, _ entries: Int...) -> ReplicatedLog.Run {
    ReplicatedLog.Run(origin: origin, first: first, entries: entries.map { RawJSON($0) })
  }

  private func runs(_ log: ReplicatedLog, beyond count: Int) -> [String] {
    var known = VersionVector()
    known.raise(0, to: count)
    var runs: [String] = []
    log.forEachRun(beyond: known) {
      runs.append("\($0.first) \($0.entries.map(\.description).joined(separator: ","))")
    }
    return runs
  }

  @Test func onlyTheLastEntryIsKeptAndSent() {
    var log = ReplicatedLog(retention: .latest)
    #expect(log.apply(run(0, 10, 11, 12))?.map(\.value.description) == ["12"])
    #expect(log.versions[0] == 3)
    #expect(runs(log, beyond: 0) == ["2 12"])
    log.append(RawJSON(13), origin: 0)
    #expect(runs(log, beyond: 2) == ["3 13"])
    #expect(runs(log, beyond: 4) == [])
  }

  @Test func whatWasForgottenIsNotMissed() {
    var log = ReplicatedLog(retention: .latest)
    #expect(log.apply(run(7, 17))?.map(\.value.description) == ["17"])
    #expect(log.versions[0] == 8)
    #expect(log.apply(run(2, 12, 13))?.isEmpty == true)
    #expect(log.apply(run(7, 17, 18))?.map(\.value.description) == ["18"])
    #expect(runs(log, beyond: 0) == ["8 18"])
  }
}

@Suite struct ForgettingLogTests {
  private let origin = Origin(node: 3, incarnation: 99)

  /// A log with entries "e0", "e1" and so on of which some are forgotten.
  private func log(of count: Int, without forgotten: Int...) -> ReplicatedLog {
    var log = ReplicatedLog(retention: .untilForgotten)
    let place = log.place(of: origin)
    for number in 0..<count { log.append(RawJSON("e\(number)"), origin: place) }
    for number in forgotten { log.forget(EntryID(origin: place, number: number)) }
    return log
  }

  private func run(_ log: ReplicatedLog, beyond count: Int) -> ReplicatedLog.Run? {
    var known = VersionVector()
    known.raise(0, to: count)
    var runs: [ReplicatedLog.Run] = []
    log.forEachRun(beyond: known) { runs.append($0) }
    return runs.first
  }

  private func text(_ run: ReplicatedLog.Run?) -> String? {
    run.map { "\($0.first): " + $0.entries.map(\.description).joined(separator: " ") }
  }

  @Test func forgottenEntriesAreCountedRatherThanSent() {
    #expect(text(run(log(of: 5), beyond: 3)) == #"3: "e3" "e4""#)
    #expect(text(run(log(of: 6, without: 0, 1, 4), beyond: 0)) == #"0: 2 "e2" "e3" 1 "e5""#)
    #expect(text(run(log(of: 6, without: 1, 2, 3, 5), beyond: 2)) == #"2: 2 "e4" 1"#)
    #expect(text(run(log(of: 3, without: 0, 1, 2), beyond: 0)) == "0: 3")
  }

  @Test func whoeverLacksThemKnowsThemByTheirNumber() throws {
    var other = log(of: 1)
    let sent = try #require(run(log(of: 6, without: 0, 1, 4), beyond: 0))
    #expect(other.end(of: sent) == 6)
    let applied = other.apply(sent)
    let new = try #require(applied)
    #expect(new.map(\.number) == [2, 3, 5])
    #expect(other.versions[0] == 6)
    #expect(text(run(other, beyond: 1)) == #"1: 1 "e2" "e3" 1 "e5""#)
    #expect(other.apply(sent)?.isEmpty == true)
  }

  @Test func entriesThatGotLostAreMissed() throws {
    var other = log(of: 1)
    let sent = try #require(run(log(of: 6, without: 2), beyond: 2))
    #expect(other.apply(sent) == nil)
    #expect(other.versions[0] == 1)
  }

  @Test func whatIsForgottenTakesNoMemory() {
    var log = log(of: 0)
    for number in 0..<10_000 {
      let id = log.append(RawJSON("x"), origin: 0)
      if number > 0 { log.forget(EntryID(origin: 0, number: id.number - 1)) }
      #expect(log.keptCount <= 3)
    }
    #expect(text(run(log, beyond: 0)) == #"0: 9999 "x""#)
  }

  @Test(arguments: [[-1], [1 << 50], [(1 << 50) - 1, 1], [Int.max, Int.max]])
  func countsBeyondReasonAreRefused(counts: [Int]) {
    var log = log(of: 2)
    let run = ReplicatedLog.Run(origin: origin, first: 2, entries: counts.map { RawJSON($0) })
    #expect(log.apply(run) == nil)
    #expect(log.end(of: run) <= 1 << 50)
    #expect(log.versions[0] == 2)
  }
}

@Suite struct RoundTripEstimatorTests {
  /// RFC 6298, section 2.
  @Test func firstSampleSetsHalfOfItselfAsVariation() {
    var estimator = RoundTripEstimator()
    #expect(estimator.timeout == .seconds(1))
    estimator.add(.milliseconds(200))
    #expect(estimator.smoothed == .milliseconds(200))
    #expect(estimator.variation == .milliseconds(100))
    #expect(estimator.timeout == .milliseconds(600))
  }

  @Test func steadySamplesBringTheTimeoutDownToAFloor() {
    var estimator = RoundTripEstimator()
    for _ in 0..<60 { estimator.add(.milliseconds(200)) }
    #expect(estimator.timeout == .milliseconds(250))
  }

  @Test func samplesFromThePastAreIgnored() {
    var estimator = RoundTripEstimator()
    estimator.add(.milliseconds(-5))
    #expect(estimator.smoothed == nil)
  }
}

@Suite struct SpanningTreeTests {
  @Test func starHangsEverybodyFromTheFirst() {
    #expect(SpanningTree.star(4).parents == [nil, 0, 0, 0])
  }

  @Test(arguments: [65, 100, 1000]) func nobodyInALargeClusterHasManyChildren(count: Int) {
    let parents = SpanningTree.balanced(count).parents
    let children = Dictionary(grouping: parents.compactMap(\.self)) { $0 }.mapValues(\.count)
    #expect(children.values.allSatisfy { $0 * $0 <= count + 2 * $0 })
    #expect(parents[0] == nil)
    #expect(parents.dropFirst().allSatisfy { $0 == 0 || parents[$0!] == 0 }, "two hops to the root at most")
  }

  @Test func smallClusterIsAStar() {
    #expect(SpanningTree.balanced(64) == .star(64))
  }

  @Test func treeOfALineIsRootedInItsMiddle() {
    let line = [[1], [0, 2], [1, 3], [2, 4], [3]]
    #expect(SpanningTree.spanning(line).parents == [1, 2, nil, 2, 3])
  }

  @Test func nodesThatTheGraphDoesNotReachHangFromTheRoot() {
    let tree = SpanningTree.spanning([[1], [0, 2], [1], []])
    #expect(tree.parents == [1, nil, 1, 1])
  }

  @Test func everyNodeOfAGridReachesTheRoot() {
    let side = 5
    let grid = (0..<side * side).map { place in
      [
        place - side, place + side, place % side > 0 ? place - 1 : -1,
        place % side < side - 1 ? place + 1 : -1,
      ]
      .filter { (0..<side * side).contains($0) }
    }
    let tree = SpanningTree.spanning(grid)
    for start in grid.indices {
      var (node, hops) = (start, 0)
      while let parent = tree.parents[node] {
        #expect(grid[node].contains(parent))
        node = parent
        hops += 1
      }
      #expect(node == tree.root)
      #expect(hops <= side - 1)
    }
  }
}
