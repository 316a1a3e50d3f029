import EddyNode
import Testing

@testable import EddyWorkloads

@Suite struct ReplicatedLogTests {
  private let origin = Origin(node: 3, incarnation: 99)

  private func run(_ first: Int, _ entries: Int...) -> ReplicatedLog.Run {
    ReplicatedLog.Run(origin: origin, first: first, content: .entries(entries.map { RawJSON($0) }))
  }

  /// The new entries of a run, or nil if it is beyond a gap.
  private func apply(_ run: ReplicatedLog.Run, to log: inout ReplicatedLog) -> [String]? {
    if case .new(let entries) = log.apply(run) { entries.map(\.value.description) } else { nil }
  }

  /// Such as `0: "e0" "e1", 2: 3 forgotten`.
  private func text(_ runs: [ReplicatedLog.Run]) -> String {
    runs.map {
      switch $0.content {
      case .entries(let entries): "\($0.first): " + entries.map(\.description).joined(separator: " ")
      case .forgotten(let count): "\($0.first): \(count) forgotten"
      }
    }.joined(separator: ", ")
  }

  private func lacking(_ log: ReplicatedLog, beyond count: Int) -> String {
    var known = VersionVector()
    known.raise(0, to: count)
    return text(log.runs(beyond: known))
  }

  @Test func runsApplyOnceHoweverTheyOverlap() {
    var log = ReplicatedLog()
    #expect(apply(run(0, 10, 11), to: &log) == ["10", "11"])
    #expect(apply(run(0, 10, 11), to: &log) == [])
    #expect(apply(run(1, 11, 12), to: &log) == ["12"])
    #expect(log.versions[0] == 3)
    #expect(lacking(log, beyond: 1) == "1: 11 12")
  }

  @Test func runBeyondAGapIsRefused() {
    var log = ReplicatedLog()
    #expect(apply(run(1, 11), to: &log) == nil)
    #expect(log.versions[0] == 0)
  }

  // MARK: Forgetting

  /// A log with entries "e0", "e1" and so on of which some are forgotten.
  private func log(of count: Int, without forgotten: Int...) -> ReplicatedLog {
    var log = ReplicatedLog()
    let index = log.index(of: origin)
    for number in 0..<count { log.append(RawJSON(string: "e\(number)"), origin: index) }
    for number in forgotten { log.forget(EntryID(origin: index, number: number)) }
    return log
  }

  @Test func forgottenEntriesAreCountedRatherThanSent() {
    #expect(lacking(log(of: 5), beyond: 3) == #"3: "e3" "e4""#)
    #expect(
      lacking(log(of: 6, without: 0, 1, 4), beyond: 0)
        == #"0: 2 forgotten, 2: "e2" "e3", 4: 1 forgotten, 5: "e5""#)
    #expect(
      lacking(log(of: 6, without: 1, 2, 3, 5), beyond: 2) == #"2: 2 forgotten, 4: "e4", 5: 1 forgotten"#)
    #expect(lacking(log(of: 3, without: 0, 1, 2), beyond: 0) == "0: 3 forgotten")
  }

  @Test func whoeverLacksThemKnowsThemByTheirNumber() {
    var other = log(of: 1)
    let sent = log(of: 6, without: 0, 1, 4).runs(beyond: VersionVector())
    #expect(sent.flatMap { apply($0, to: &other) ?? ["gap"] } == [#""e2""#, #""e3""#, #""e5""#])
    #expect(other.versions[0] == 6)
    #expect(lacking(other, beyond: 1) == #"1: 1 forgotten, 2: "e2" "e3", 4: 1 forgotten, 5: "e5""#)
    #expect(sent.flatMap { apply($0, to: &other) ?? ["gap"] } == [])
  }

  @Test func whatIsForgottenTakesNoMemory() {
    var log = log(of: 0)
    for number in 0..<10_000 {
      let id = log.append(RawJSON(string: "x"), origin: 0)
      if number > 0 { log.forget(EntryID(origin: 0, number: id.number - 1)) }
      #expect(log.keptCount <= 3)
    }
    #expect(lacking(log, beyond: 0) == #"0: 9999 forgotten, 9999: "x""#)
  }

  @Test func runBeyondAllNumbersIsRefused() {
    var log = log(of: 2)
    let endless = ReplicatedLog.Run(origin: origin, first: 2, content: .forgotten((1 << 50) - 2))
    #expect(apply(endless, to: &log) == nil)
    #expect(log.versions[0] == 2)
  }

  // MARK: Incarnations

  private func run(incarnation: Int, _ first: Int, _ entries: Int...) -> ReplicatedLog.Run {
    .init(
      origin: Origin(node: 3, incarnation: incarnation), first: first,
      content: .entries(entries.map { RawJSON($0) }))
  }

  @Test func incarnationsOfANodeAreDifferentOrigins() {
    var log = ReplicatedLog()
    #expect(apply(run(0, 10), to: &log) == ["10"])
    #expect(apply(run(incarnation: 100, 0, 10), to: &log) == ["10"])
    #expect(log.originCount == 2)
    #expect(log.latestIncarnation(of: 3) == 100)
  }

  @Test(arguments: [false, true])
  func supersededOriginIsOfferedAsLongAsAnEntryIsLeft(isLate: Bool) {
    var log = ReplicatedLog()
    // Whether the later incarnation is heard of first or last.
    if isLate { _ = log.index(of: Origin(node: 3, incarnation: 100)) }
    _ = log.apply(run(0, 10, 11))
    _ = log.index(of: Origin(node: 3, incarnation: 100))
    let former = log.index(of: origin)
    log.forget(EntryID(origin: former, number: 0))
    #expect(log.removeSuperseded { _ in true } == [])
    #expect(text(log.runs(beyond: VersionVector())) == "0: 1 forgotten, 1: 11")
    #expect(log.named.contains(former))
    log.forget(EntryID(origin: former, number: 1))
    #expect(log.runs(beyond: VersionVector()) == [])
    #expect(!log.named.contains(former))
    #expect(log.offered.covers(log.offered))
    #expect(log.removeSuperseded { _ in false } == [])
    #expect(log.removeSuperseded { _ in true } == [former])
    #expect(log.versions[former] == 0)
  }

  @Test func latestIncarnationIsKeptThoughNothingIsLeftOfIt() {
    var log = log(of: 1, without: 0)
    #expect(log.removeSuperseded { _ in true } == [])
    #expect(log.named == [0])
    #expect(lacking(log, beyond: 0) == "0: 1 forgotten")
  }

  @Test func originsOfFormerIncarnationsTakeNoMemory() {
    var log = ReplicatedLog()
    for incarnation in 0..<10_000 {
      let index = log.index(of: Origin(node: 3, incarnation: incarnation))
      log.forget(log.append(RawJSON(string: "x"), origin: index))
      _ = log.removeSuperseded { _ in true }
      #expect(log.originCount <= 2)
      #expect(index <= 1)
    }
  }
}
