import EddyNode
import EddyTiming
import Testing

@testable import EddyWorkloads

@Suite struct HybridClockTests {
  private func at(_ microseconds: Int) -> Instant { Instant(nanoseconds: microseconds * 1_000) }

  @Test func readingsGrowThoughTimeStandsStill() {
    var clock = HybridClock()
    #expect([clock.tick(at: at(50)), clock.tick(at: at(50)), clock.tick(at: at(49))] == [50, 51, 52])
    #expect(clock.tick(at: at(90)) == 90)
  }

  @Test func readingsAreGreaterThanAllObserved() {
    var clock = HybridClock()
    clock.observe(1_000)
    clock.observe(7)
    #expect(clock.tick(at: at(50)) == 1_001)
  }
}

/// A peer's stamp that leaves no later one.
@Suite struct StampLimitTests {
  @Test func writesAreRefusedWhereNoLaterStampExistsAndReadsAreNot() throws {
    let node = ScriptedNode(TxnRegister())
    let peer = ScriptedPeer("n1", route: [1, 0, 0])
    let last = JSONValue.integer(TransactionStamp.times.upperBound - 1)
    peer.say(["entries": [[1, 7, 0, [last, 5, ["x", 1]]]]], to: node)
    node.receive("txn", ["txn": [["w", "x", 2]]])
    #expect(node.take("txn_ok") == nil, "what nobody would take in is not acknowledged")
    #expect(try node.take("error")?.integer("code") == 11)
    node.receive("txn", ["txn": [["r", "x", nil]]])
    #expect(try node.take("txn_ok")?.value("txn") == [["r", "x", 1]])
  }
}

@Suite struct RegistersTests {
  private func set(_ time: Int, _ writer: Int, _ writes: (String, Int)...) -> WriteSet {
    WriteSet(
      stamp: TransactionStamp(time: time, writer: writer),
      writes: writes.map { (RawJSON(string: $0), RawJSON($1)) })
  }

  private func values(_ registers: Registers, _ keys: String...) -> [String?] {
    keys.map { registers.value(of: RawJSON(string: $0))?.description }
  }

  @Test func everyOrderOfArrivalLeavesTheSame() {
    let sets = [
      set(1, 9, ("x", 1), ("y", 1)), set(2, 3, ("x", 2)), set(2, 4, ("x", 3), ("z", 3)), set(3, 1, ("y", 4)),
    ]
    for order in permutations(of: sets.indices.map(\.self)) {
      let registers = Registers()
      var superseded: Set<Int> = []
      registers.superseded = { superseded.insert($0.number) }
      for place in order { registers.apply(sets[place], from: EntryID(origin: 0, number: place)) }
      for place in order { registers.apply(sets[place], from: EntryID(origin: 0, number: place)) }
      #expect(values(registers, "x", "y", "z") == ["3", "4", "3"], "\(order)")
      #expect(superseded == [0, 1], "\(order)")
    }
  }

  @Test func aWriteSetIsSupersededOnceAndNotBeforeItsLastValueIs() {
    let registers = Registers()
    var superseded: [Int] = []
    registers.superseded = { superseded.append($0.number) }
    func apply(_ number: Int, _ set: WriteSet) {
      registers.apply(set, from: EntryID(origin: 0, number: number))
    }
    apply(0, set(1, 9, ("x", 1), ("y", 1)))
    apply(1, set(2, 9, ("x", 2)))
    #expect(superseded == [])
    apply(2, set(3, 9, ("y", 3)))
    #expect(superseded == [0])
    apply(3, set(1, 8, ("x", 8)))
    #expect(superseded == [0, 3], "it came too late for all that it wrote")
    apply(4, set(5, 9, ("x", 1), ("x", 2)))
    #expect(superseded == [0, 3, 1], "a key given twice is written twice")
  }

  private func permutations(of elements: [Int]) -> [[Int]] {
    guard elements.count > 1 else { return [elements] }
    return elements.flatMap { first in
      permutations(of: elements.filter { $0 != first }).map { [first] + $0 }
    }
  }

  @Test func whatANodeWritesHasALaterStampThanAllItHasSeen() throws {
    // Its clock shows zero; what it has seen comes from a clock far ahead.
    let node = ScriptedNode(TxnRegister())
    node.receive(
      "gossip",
      [
        "incarnation": 5, "at": 1, "route": [0, 1, 0], "parent": 0,
        "entries": [[1, 5, 0, [9_000_000, 3, ["x", 1]]]],
      ],
      from: "n1")
    node.receive("txn", ["txn": [["r", "x", nil], ["w", "x", 2]]])
    #expect(try node.take("txn_ok")?.value("txn") == [["r", "x", 1], ["w", "x", 2]])
    node.advance(by: .seconds(1))
    var stamp: JSONValue?
    while let gossip = node.take("gossip") { stamp = gossip.body["entries"]?[0]?[3]?[0] ?? stamp }
    #expect(stamp == 9_000_001)
  }

  @Test func writeSetsReadAsTheyWereWritten() throws {
    let original = set(17, 81_726, ("x", 1), ("y", 2))
    let entry = RawJSON(encoding: original)
    #expect(entry.description == #"[17,81726,["x",1],["y",2]]"#)
    let copy = try #require(WriteSet(entry))
    #expect(copy.stamp == original.stamp)
    #expect(copy.writes.map(\.key) == original.writes.map(\.key))
    #expect(copy.writes.map(\.value) == original.writes.map(\.value))
  }

  @Test(
    arguments: [
      "1", "[]", "[1]", #"["1",2]"#, "[1,2,3]", "[1,2,[3]]", "[1,2,[3,4,5]]", "[-1,2]",
      "[9223372036854775807,2]",
    ])
  func whatIsNoWriteSetIsNoneAtAll(text: String) throws {
    #expect(WriteSet(try RawJSON(parsing: text)) == nil)
  }
}
