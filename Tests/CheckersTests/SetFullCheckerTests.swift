import EddyCheckers
import EddyHistory
import EddyNode
import EddyTiming
import HistoryScripts
import Testing

/// Histories right and wrong, after the definitions of Jepsen's `set-full`.
struct SetFullCheckerTests {
  private func check(_ spans: Span...) -> CheckResult { SetFullChecker(add: "add").check(History(spans)) }

  // MARK: Right

  @Test func anElementThatEveryLaterReadHasIsStable() {
    let result = check(add("1", 0...5), add("2", 6...9), read("[1,2]", 10...12), read("[2,1]", 20...22))
    #expect(result.validity == .valid)
    #expect(result.detail("stable-count") == "2")
    #expect(result.detail("attempt-count") == "2")
    #expect(result.detail("stable-latencies") == #"{"0":0,"0.5":0,"0.95":0,"0.99":0,"1":0}"#)
    #expect(result.detail("lost-latencies") == "absent")
    #expect(result.anomalies.isEmpty)
  }

  @Test func stableLatencyRunsFromTheAcknowledgementToTheLastReadThatMissed() {
    let result = check(
      add("1", 0...10), read("[]", 250...260, on: "n1"), read("[]", 110...300, on: "n2"),
      read("[1]", 400...410, on: "n1"))
    #expect(result.validity == .valid)
    #expect(result.detail("stable-latencies") == #"{"0":240,"0.5":240,"0.95":240,"0.99":240,"1":240}"#)
    #expect(result.detail("stale") == "[1]")
    #expect(result.detail("stale-count") == "1")
    #expect(
      result.detail("worst-stale") == #"[{"element":1,"stable-latency":240,"known":1,"last-absent":3}]"#)
  }

  /// An element is stable a nanosecond after the last invocation that missed it.
  @Test(arguments: [(2_999_998, "1"), (2_999_999, "2")] as [(Int, String)])
  func stableLatencyIsCutToWholeMilliseconds(lastMissed: Int, latency: String) {
    var history = History()
    func entry(_ time: Int, _ client: Int, _ kind: Operation.Kind, _ function: String, _ value: String?) {
      history.append(
        Operation(
          time: Instant(nanoseconds: time), process: .client(client), kind: kind, function: function,
          value: value?.json))
    }
    entry(0, 0, .invoke, "add", "1")
    entry(1_000_000, 0, .ok, "add", "1")
    entry(lastMissed, 1, .invoke, "read", nil)
    entry(3_000_000, 1, .ok, "read", "[]")
    entry(4_000_000, 2, .invoke, "read", nil)
    entry(5_000_000, 2, .ok, "read", "[1]")
    let result = SetFullChecker(add: "add").check(history)
    #expect(result.detail("stable-latencies").hasPrefix(#"{"0":\#(latency),"#))
  }

  @Test func anAddOfWhichNobodyKnowsIsKnownFromItsFirstRead() {
    let result = check(
      add("1", 0...5000, .info), read("[1]", 100...200), read("[]", 300...310), read("[1]", 400...410))
    #expect(result.validity == .valid)
    #expect(result.detail("stable-latencies").hasPrefix(#"{"0":100,"#))
  }

  @Test func anIndefiniteOrFailedAddMayBeMissing() {
    let result = check(
      add("1", 0...5, .info), add("2", 0...5, .fail), add("3", 0...5, nil), add("4", 0...5),
      read("[4]", 10...12))
    #expect(result.validity == .valid)
    #expect(result.detail("never-read") == "[1,2,3]")
    #expect(result.detail("never-read-count") == "3")
  }

  @Test func aReadThatOverlapsTheAddMayMissIt() {
    let result = check(add("1", 0...10), add("2", 0...3), read("[2]", 5...12))
    #expect(result.validity == .valid)
    #expect(result.detail("never-read") == "[1]")
  }

  @Test func whatWasMissedAndCameBackIsStaleAndNotLost() {
    let result = check(add("1", 0...5), read("[1]", 10...12), read("[]", 20...22), read("[1]", 30...32))
    #expect(result.validity == .valid)
    #expect(result.detail("lost-count") == "0")
    #expect(result.detail("stale-count") == "1")
  }

  @Test func readsCountByTheirInvocationAndNotByTheirEnd() {
    // The read that missed it ends last but began before the one that had it.
    let result = check(add("1", 0...5), read("[]", 10...100), read("[1]", 20...30))
    #expect(result.validity == .valid)
    #expect(result.detail("stable-count") == "1")
  }

  @Test func withoutAnythingStableNothingCanBeTold() {
    #expect(check().validity == .unknown)
    #expect(check(add("1", 0...5)).validity == .unknown)
    #expect(check(read("[]", 0...5)).validity == .unknown)
    #expect(check(add("1", 0...5), read("[1]", 10...5000, .info)).validity == .unknown)
  }

  @Test func elementsAreTheSameHoweverTheyAreWritten() {
    let result = check(
      add(#"{"a":1,"b":[true,null]}"#, 0...1), add(#""é""#, 2...3), add("-0", 4...5), add("1.50", 6...7),
      add("340282366920938463463374607431768211455", 8...9),
      read(
        #" [ 15e-1, {"b" : [ true , null ], "a":1}, "\u00e9", 0, 340282366920938463463374607431768211455 ] "#,
        10...11))
    #expect(result.validity == .valid)
    #expect(result.detail("stable-count") == "5")
  }

  @Test func theWorstStaleAreTheEightSlowestSlowestFirst() {
    let adds = (0..<10).map { add("\($0)", $0...$0 + 1) }
    let result = SetFullChecker(add: "add").check(
      History(
        adds + [
          read("[]", 100...101), read("[0,1,2,3,4,5,6,7,8,9]", 200...201),
        ]))
    guard case .array(let worst)? = result.details["worst-stale"] else {
      Issue.record("no worst-stale")
      return
    }
    #expect(worst.map { $0["element"] } == [0, 1, 2, 3, 4, 5, 6, 7])
    #expect(worst.map { $0["stable-latency"] } == [99, 98, 97, 96, 95, 94, 93, 92])
  }

  // MARK: Wrong

  @Test func anAcknowledgedElementThatNoReadHasIsLost() {
    let result = check(
      add("1", 0...5, on: "n1"), add("2", 0...5), read("[2]", 1000...1100, on: "n2"),
      read("[2]", 1200...1300, on: "n3"))
    #expect(result.validity == .invalid)
    #expect(result.names == ["lost"])
    #expect(result.detail("lost") == "[1]")
    #expect(result.detail("lost-latencies") == #"{"0":0,"0.5":0,"0.95":0,"0.99":0,"1":0}"#)
    #expect(
      result.explanations
        == "1 is lost: it was acknowledged on n1 at 0.005 s (operation 2), but the read invoked on n3 "
        + "at 1.200 s (operation 6) did not return it. No read ever returned it.")
    #expect(result.anomalies[0].operations == [6, 2, 0])
  }

  @Test func anElementThatIsReadAndThenNeverAgainIsLost() {
    let result = check(
      add("1", 0...5000, .info), add("2", 0...5), read("[1,2]", 100...110), read("[2]", 300...310))
    #expect(result.validity == .invalid)
    #expect(result.names == ["lost"])
    #expect(result.explanations.contains("1 is lost: it was first read on n0 at 0.110 s"))
    #expect(result.explanations.contains("The last read that returned it was invoked on n0 at 0.100 s"))
  }

  @Test func anElementThatTheLastReadMissesIsLostThoughEarlierOnesHadIt() {
    let result = check(
      add("1", 0...5), read("[1]", 10...20), read("[1]", 400...450), read("[]", 500...510))
    #expect(result.names == ["lost"])
    // From when it was known to the last invocation that saw it.
    #expect(result.detail("lost-latencies").hasPrefix(#"{"0":395,"#))
  }

  @Test func aDuplicateInOneReadIsAnError() {
    let result = check(add("1", 0...5), add("2", 0...5), read("[1,2,1,1]", 10...12, on: "n4"))
    #expect(result.validity == .invalid)
    #expect(result.names == ["duplicated"])
    #expect(result.detail("duplicated-count") == "1")
    #expect(result.detail("duplicated") == #"[{"element":1,"copies":3}]"#)
    #expect(
      result.explanations == "The read that completed on n4 at 0.012 s (operation 5) returned 3 copies of 1.")
  }

  @Test func aDuplicateInAnotherSpellingIsAnError() {
    let result = check(add(#""a""#, 0...5), read(#"["a","\u0061"]"#, 10...12))
    #expect(result.names == ["duplicated"])
  }

  @Test func theSameElementInTwoReadsIsNoDuplicate() {
    let result = check(add("1", 0...5), read("[1]", 10...12), read("[1]", 10...12))
    #expect(result.validity == .valid)
    #expect(result.detail("duplicated-count") == "0")
  }

  @Test func anElementNobodyAddedIsUnexpected() {
    let result = check(add("1", 0...5), read("[1,99]", 10...12, on: "n4"))
    #expect(result.validity == .invalid)
    #expect(result.names == ["unexpected"])
    #expect(result.detail("unexpected") == "[99]")
    #expect(
      result.explanations
        == "The read that completed on n4 at 0.012 s (operation 3) returned 99, which no client ever tried to add."
    )
  }

  @Test func anElementReadBeforeItsAddIsUnexpected() {
    let result = check(add("1", 0...5), read("[1,2]", 10...12), add("2", 20...25), read("[1,2]", 30...32))
    #expect(result.names == ["unexpected"])
    #expect(result.explanations.contains("which was added only later, on n0 at 0.020 s"))
  }

  @Test func anElementChangedOnItsWayIsBothUnexpectedAndLost() {
    let result = check(add("1", 0...5), add("2", 0...5), read("[1.0,2]", 10...12))
    #expect(result.names == ["unexpected", "lost"])
  }

  /// The cause comes first, and says what it is like.
  @Test func aNumberThatBecameAStringIsCalledSoBeforeItIsCalledLost() {
    let result = check(add("0", 0...5), read(#"["0"]"#, 10...12))
    #expect(result.names == ["unexpected", "lost"])
    #expect(
      result.explanations.hasPrefix(
        #"The read that completed on n0 at 0.012 s (operation 3) returned "0", which no client ever tried to add: "#
          + "it is a string, and the element added is 0."))
  }

  @Test(arguments: [#"{"1":true}"#, "7", "null"])
  func aReadOfSomethingElseThanAnArrayIsMalformed(value: String) {
    let result = check(add("1", 0...5), read("[1]", 10...12), read(value, 20...22))
    #expect(result.names == ["malformed-read"])
    #expect(result.explanations.contains("returned \(value), which is not an array"))
  }

  @Test func manyLossesAreOneAnomalyWithACountAndFewExamples() {
    let adds = (0..<2000).map { add("\($0)", 0...5) }
    let result = SetFullChecker(add: "add").check(History(adds + [read("[0]", 10...12)]))
    #expect(result.detail("lost-count") == "1999")
    #expect(result.anomalies.map(\.countedName) == ["1,999 lost"])
    #expect(result.anomalies[0].examples.count == 3)
    #expect(
      result.anomalies[0].explanation
        == "1,999 of the 2,000 values that clients tried to add are lost. All of them were never read "
        + "anywhere.")
  }

  @Test func lostValuesAreToldApartByHowFarTheyCame() {
    let result = check(
      add("0", 0...5, on: "n1"), add("1", 0...5, on: "n1"), add("2", 0...5, on: "n1"),
      read("[1,2]", 10...11, on: "n1"), read("[2]", 12...13, on: "n2"), read("[]", 20...21, on: "n2"))
    #expect(
      result.anomalies.map(\.explanation) == [
        "3 of the 3 values that clients tried to add are lost. 1 of them was never read anywhere. 1 of them was "
          + "read only on the node that received the add. 1 of them was read on other nodes before they vanished."
      ])
  }

  @Test func theFunctionThatAddsHasAnyName() {
    let history = History(op("broadcast", "1", 0...5), read("[]", 10...12))
    #expect(SetFullChecker(add: "broadcast").check(history).names == ["lost"])
    #expect(SetFullChecker(add: "add").check(history).validity == .unknown)
  }

  // MARK: Against the definition

  /// What `set-full` says word by word: for each read, each element is updated on its own.
  private func naive(_ history: History) -> (stable: [Int: Int], lost: [Int: Int], neverRead: [Int]) {
    struct State { var known: Operation?, present: Operation?, absent: Operation? }
    var states: [Int: State] = [:]
    func number(_ value: JSONValue) -> Int { if case .integer(let n) = value { Int(n) } else { -1 } }
    for end in history.operations {
      if end.function == "add", end.kind == .invoke, let value = end.value {
        states[number(value.decoded())] = State()
      } else if end.function == "add", end.kind == .ok, let value = end.value {
        let element = number(value.decoded())
        if states[element]?.known == nil { states[element]?.known = end }
      } else if end.kind == .ok, let start = history.invocation(of: end),
        case .array(let read)? = end.value?.decoded()
      {
        let elements = Set(read.map(number))
        for (element, var state) in states {
          if elements.contains(element) {
            state.known = state.known ?? end
            if state.present.map({ $0.index < start.index }) ?? true { state.present = start }
          } else if state.absent.map({ $0.index < start.index }) ?? true {
            state.absent = start
          }
          states[element] = state
        }
      }
    }
    func latency(_ known: Operation?, _ until: Operation?) -> Int {
      let time = until.map { $0.time.nanoseconds + 1 } ?? 0
      return max(0, time - (known?.time.nanoseconds ?? 0)) / 1_000_000
    }
    var (stable, lost, neverRead): ([Int: Int], [Int: Int], [Int]) = ([:], [:], [])
    for (element, state) in states {
      if let present = state.present, (state.absent?.index ?? -1) < present.index {
        stable[element] = latency(state.known, state.absent)
      } else if let known = state.known, let absent = state.absent,
        (state.present?.index ?? -1) < absent.index, known.index < absent.index
      {
        lost[element] = latency(known, state.present)
      } else {
        neverRead.append(element)
      }
    }
    return (stable, lost, neverRead.sorted())
  }

  /// Adds with every outcome and reads that see each element with some probability.
  private func randomHistory(seed: UInt64) -> History {
    var random = SeededGenerator(seed: seed)
    var spans: [Span] = []
    let visibility = random.unit()
    for element in 0..<random.below(150) {
      let start = random.below(1000)
      spans.append(
        add(
          "\(element)", start...start + random.below(50), random.pick([.ok, .ok, .ok, .info, .fail]) ?? .ok))
    }
    for _ in 0..<random.below(60) {
      let start = random.below(1500)
      let end = start + random.below(100)
      let seen = spans.filter {
        $0.function == "add" && $0.milliseconds.lowerBound < end && random.chance(visibility)
      }
      spans.append(
        read("[\(random.shuffle(seen).compactMap(\.argument).joined(separator: ","))]", start...end))
    }
    return History(spans)
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func agreesWithTheDefinitionOnRandomHistories(seed: UInt64) {
    let history = randomHistory(seed: seed)
    let expected = naive(history)
    let result = SetFullChecker(add: "add").check(history)
    func list(_ elements: some Sequence<Int>) -> String {
      JSONValue.array(elements.sorted().map { .integer($0) }).description
    }
    #expect(result.detail("stable-count") == "\(expected.stable.count)")
    #expect(result.detail("lost") == list(expected.lost.keys))
    #expect(result.detail("never-read") == list(expected.neverRead))
    #expect(result.detail("stale") == list(expected.stable.filter { $0.value > 0 }.keys))
    if let most = expected.stable.values.max() {
      #expect(result.details["stable-latencies"]?["1"] == .integer(most))
    }
    if let most = expected.lost.values.max() {
      #expect(result.details["lost-latencies"]?["1"] == .integer(most))
    }
    #expect(
      result.validity == (expected.lost.isEmpty ? expected.stable.isEmpty ? .unknown : .valid : .invalid))
  }
}
