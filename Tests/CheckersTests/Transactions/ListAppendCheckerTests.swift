import EddyCheckers
import EddyHistory
import EddyNode
import HistoryScripts
import Testing

/// Histories after Elle's `list_append_test.clj`, Adya's thesis and Hermitage.
struct ListAppendCheckerTests {
  private func names(_ transactions: Txn...) -> [String] {
    checkLists([.strictSerializable], transactions).names
  }

  private func isValid(_ model: ConsistencyModel, _ transactions: [Txn]) -> Bool {
    checkLists([model], transactions).validity == .valid
  }

  // MARK: Right histories

  @Test func aSerialHistoryIsStrictlySerializable() {
    let result = checkLists(
      [.strictSerializable],
      [
        txn("lx_ ax1 ay1", 0...1), txn("lx1 ly1 ax2", 2...3), txn("ly1 ay2 lx12 ly12", 4...5),
        txn("ax3 ax4 lx1234", 6...7), txn("lx1234 lz_", 8...9),
      ])
    #expect(result.validity == .valid)
    #expect(result.detail("anomaly-types") == "[]")
  }

  @Test(arguments: ["lx_", "lx"]) func anEmptyListAndNullAreTheSame(read: String) {
    #expect(names(txn(read, 0...1), txn("ax1", 2...3), txn("lx1", 4...5)).isEmpty)
    #expect(names(txn("ax1", 0...1), txn(read, 2...3)).contains("lost-append"))
  }

  @Test func withoutDependenciesNothingIsShown() {
    let result = checkLists([.serializable], [txn("ax1"), txn("ly_")])
    #expect(result.validity == .unknown)
    #expect(result.reason == "no transaction depends on another. Increase --rate or --time-limit.")
  }

  // MARK: Elements

  @Test(arguments: [
    [txn("ax1"), txn("lx12")],
    [txn("ax1 ax2"), txn("lx312")],
    [txn("lx9")],
  ])
  func anElementThatNobodyAppendedIsGarbage(transactions: [Txn]) {
    let result = checkLists([.readUncommitted], transactions)
    #expect(result.validity == .invalid)
    #expect(result.names == ["garbage-read"])
    #expect(result.explanations.contains("which no transaction appended"))
  }

  @Test(arguments: [
    [txn("ax1"), txn("lx11")],
    [txn("ax1"), txn("ax2"), txn("lx12"), txn("lx121")],
    [txn("ax1"), txn("ax2"), txn("lx12"), txn("lx22")],
  ])
  func anElementThatWasAppendedOnceMustNotBeThereTwice(transactions: [Txn]) {
    #expect(checkLists([.readUncommitted], transactions).names == ["duplicate-elements"])
    #expect(checkLists([.strictSerializable], transactions).names.contains("duplicate-elements"))
  }

  @Test func eachReadOfAListWithDuplicatesCounts() {
    let result = checkLists([.readUncommitted], [txn("ax1"), txn("lx1"), txn("lx11"), txn("lx11")])
    #expect(result.anomalies.map(\.count) == [2])
  }

  @Test(arguments: [
    [txn("ax1"), txn("ax2"), txn("lx12"), txn("lx21")],
    [txn("ax1"), txn("ax2"), txn("ax3"), txn("lx12"), txn("lx13"), txn("lx132")],
    // The longest list comes last and contradicts all others.
    [txn("ax1"), txn("ax2"), txn("ax3"), txn("lx1"), txn("lx12"), txn("lx231")],
    // One transaction's appends in the other order.
    [txn("ax1 ax2"), txn("ax3"), txn("lx213")],
    [txn("ax1 lx321"), txn("ax2 ax3")],
  ])
  func listsThatContradictEachOtherHaveIncompatibleOrders(transactions: [Txn]) {
    let result = checkLists([.readCommitted], transactions)
    #expect(result.names.first == "incompatible-order")
    #expect(checkLists([.readUncommitted], transactions).names.filter { !$0.hasPrefix("G0") }.isEmpty)
  }

  // MARK: Aborted and intermediate versions

  @Test(arguments: [
    [txn("ax1", .fail), txn("lx1")],
    // Not the last element of the list.
    [txn("ax1", .fail), txn("ax2"), txn("lx12")],
  ])
  func readingAnAbortedAppendIsG1a(transactions: [Txn]) {
    #expect(checkLists([.readCommitted], transactions).names.contains("G1a"))
    #expect(checkLists([.readUncommitted], transactions).validity != .invalid)
  }

  @Test(arguments: [
    [txn("ax1", .fail), txn("ax2"), txn("lx12")],
    [txn("ax1", .fail), txn("ax2", .info), txn("ax3"), txn("lx123")],
  ])
  func appendingToWhatAnAbortedTransactionLeftIsADirtyUpdate(transactions: [Txn]) {
    #expect(checkLists([.readCommitted], transactions).names == ["dirty-update", "G1a"])
  }

  @Test func anAbortedAppendAtTheEndIsNoDirtyUpdate() {
    #expect(checkLists([.readCommitted], [txn("ax1"), txn("ax2", .fail), txn("lx12")]).names == ["G1a"])
  }

  @Test(arguments: [
    [txn("ax1 ax2"), txn("lx1")],
    [txn("ax1 ay1 ax2"), txn("ax3"), txn("lx31"), txn("lx312 ly1")],
  ])
  func readingBetweenTwoAppendsOfATransactionIsG1b(transactions: [Txn]) {
    #expect(checkLists([.readCommitted], transactions).names == ["G1b"])
    #expect(checkLists([.readUncommitted], transactions).validity != .invalid)
  }

  @Test func aTransactionMaySeeItsOwnIntermediateState() {
    #expect(names(txn("ax1 lx1 ax2 lx12", 0...1), txn("lx12", 2...3)).isEmpty)
  }

  // MARK: Inside a transaction

  @Test(arguments: [
    [txn("ax1", 0...1), txn("lx1 ax2 lx2", 2...3)],
    [txn("ax1"), txn("lx_ lx1")],
    [txn("ax1"), txn("ax2 lx1")],
    [txn("ax1 lx_")],
    [txn("ax1 ax2 lx12"), txn("ax3 ax4 lx1234 lx123")],
  ])
  func aReadThatForgetsWhatItsTransactionKnewIsInternal(transactions: [Txn]) {
    #expect(checkLists([.readAtomic], transactions).names.contains("internal"))
    #expect(!checkLists([.readCommitted], transactions).names.contains("internal"))
  }

  @Test(arguments: [[txn("lx1 ax1")], [txn("ax1"), txn("lx12 ay1 ax2")], [txn("lx1 lx1 ax1")]])
  func readingWhatItAppendsLaterIsAFutureRead(transactions: [Txn]) {
    #expect(checkLists([.readCommitted], transactions).names == ["future-read"])
    #expect(checkLists([.readUncommitted], transactions).validity != .invalid)
  }

  // MARK: Lost appends and updates

  @Test(arguments: [
    [txn("ax1", 0...1), txn("lx_", 2...3)],
    [txn("ax1", 0...1), txn("ax2", 0...2), txn("lx2", 3...4), txn("lx2", 5...6)],
    // An early read saw it, no later one does.
    [txn("ax1", 0...9), txn("ax2", 0...4), txn("lx12", 1...3), txn("lx1", 5...6)],
  ])
  func anAcknowledgedAppendThatNoLaterReadShowsIsLost(transactions: [Txn]) {
    #expect(
      Set(checkLists([.strictSerializable], transactions).names)
        == ["lost-append", "G-single-item-realtime"])
    #expect(!checkLists([.serializable], transactions).names.contains("lost-append"))
  }

  @Test func anAppendThatOneLaterReadShowsIsNotLostButMissed() {
    #expect(
      names(txn("ax1", 0...1), txn("lx1", 2...3), txn("lx_", 4...5)) == ["G-single-item-realtime"])
  }

  @Test func anAppendOfUnknownOutcomeOrWithoutALaterReadIsNotLost() {
    #expect(names(txn("ax1", 0...1, .info), txn("lx_", 2...3), txn("ax2 lx2", 4...5)).isEmpty)
    #expect(names(txn("lx_", 0...1), txn("ax1", 2...3)).isEmpty)
    #expect(names(txn("ax1", 0...2), txn("lx_", 1...3)).isEmpty)
  }

  @Test(arguments: [
    [txn("lx_ ax1"), txn("lx_ ax2")],
    [txn("ax1"), txn("lx1 ax2"), txn("lx1 ly_ ax3"), txn("lx123")],
  ])
  func appendingAfterTheSameReadIsALostUpdate(transactions: [Txn]) {
    #expect(checkLists([.cursorStability], transactions).names == ["lost-update"])
    #expect(checkLists([.snapshotIsolation], transactions).names.contains("lost-update"))
    #expect(checkLists([.readAtomic], transactions).validity != .invalid)
  }

  // MARK: Cycles

  @Test(arguments: [
    [txn("ax1 ay2"), txn("ax2 ay1"), txn("lx12 ly12")],
    [txn("ax1 ay2"), txn("ay1 az2"), txn("az1 ax2"), txn("lx12"), txn("ly12"), txn("lz12")],
    // One transaction between two appends of another.
    [txn("ax1 ax3"), txn("ax2"), txn("lx123")],
  ])
  func appendsInOppositeOrdersAreG0(transactions: [Txn]) {
    let result = checkLists([.readUncommitted], transactions)
    #expect(result.names == ["G0"])
    #expect(result.detail("not") == #"["read-uncommitted"]"#)
  }

  @Test func committedVersionsAreOrderedAcrossAbortedOnes() {
    #expect(
      checkLists(
        [.readUncommitted], [txn("ax1 ay2"), txn("ax3 ay1"), txn("ax2", .fail), txn("lx123 ly12")]
      ).names == ["G0"])
  }

  @Test(arguments: [
    [txn("ax1 ly1"), txn("ay1 lx1")],
    [txn("ax1 lz1"), txn("lx1 ay1"), txn("ly1 az1")],
    // What it reads second is no part of a snapshot, and yet what others appended.
    [txn("lx_ lx1 ay1"), txn("ax1 ly1")],
  ])
  func seeingEachOtherIsG1c(transactions: [Txn]) {
    #expect(checkLists([.readCommitted], transactions).names == ["G1c"])
    #expect(checkLists([.readUncommitted], transactions).validity == .valid)
  }

  @Test(arguments: [
    [txn("lx_ ly1"), txn("ax1 ay1"), txn("lx1")],
    [txn("ax1"), txn("ax2 ay1"), txn("ly1 az1"), txn("lz1 lx1"), txn("lx12")],
  ])
  func readSkewIsGSingle(transactions: [Txn]) {
    #expect(checkLists([.consistentView], transactions).names == ["G-single-item"])
    #expect(checkLists([.serializable], transactions).names == ["G-single-item"])
    #expect(isValid(.readAtomic, transactions))
  }

  @Test(arguments: [
    [txn("ax1"), txn("ay1"), txn("lx1 ly_"), txn("lx_ ly1")],
    [txn("ax1"), txn("ay1"), txn("lx1 az1"), txn("lz1 ly_"), txn("lx_ ly1")],
  ])
  func aLongForkIsGNonadjacent(transactions: [Txn]) {
    #expect(checkLists([.snapshotIsolation], transactions).names == ["G-nonadjacent-item"])
    #expect(isValid(.parallelSnapshotIsolation, transactions))
  }

  @Test(arguments: [
    [txn("lx_ ay1"), txn("ly_ ax1")],
    [txn("lx_ ay1"), txn("ly_ az1"), txn("lz_ ax1")],
  ])
  func writeSkewIsG2(transactions: [Txn]) {
    #expect(checkLists([.serializable], transactions).names == ["G2-item"])
    #expect(isValid(.snapshotIsolation, transactions))
  }

  @Test(arguments: [
    ([txn("ax2", 0...1, by: 1), txn("ax1", 2...3, by: 1), txn("lx12", 4...5, by: 2)], "G0"),
    (
      [txn("ax2", 0...1, by: 1), txn("ly_", 2...3, by: 1), txn("ax1", 4...5, by: 1), txn("lx12", 6...7)], "G0"
    ),
    ([txn("lx1", 0...1, by: 1), txn("ax1", 2...3, by: 1)], "G1c"),
    ([txn("lx1 ay1", 0...1, by: 1), txn("ly1", 0...1, by: 2), txn("ax1", 2...3, by: 2)], "G1c"),
    ([txn("ax1", 0...1, by: 1), txn("lx_", 2...3, by: 1)], "G-single-item"),
    ([txn("ax1", 0...1, by: 1), txn("lx1", 2...3, by: 2), txn("lx_", 4...5, by: 2)], "G-single-item"),
    (
      [
        txn("ax1", 0...1, by: 1), txn("ay1", 0...1, by: 2), txn("lx1", 2...3, by: 3),
        txn("ly_", 4...5, by: 3),
        txn("ly1", 2...3, by: 4), txn("lx_", 4...5, by: 4),
      ], "G-nonadjacent-item"
    ),
    (
      [
        txn("ax1", 0...1, by: 1), txn("ay1", 0...1, by: 2), txn("lx1", 0...3, by: 3),
        txn("lz_", 3...4, by: 3),
        txn("ly_", 4...5, by: 3), txn("ly1", 0...3, by: 4), txn("lx_", 4...5, by: 4),
      ], "G-nonadjacent-item"
    ),
    ([txn("ax1", 0...1, by: 1), txn("lx_ ay1", 0...9, by: 2), txn("ly_", 2...3, by: 1)], "G2-item"),
    (
      [
        txn("ax1", 0...1, by: 1), txn("lz_", 2...3, by: 1), txn("lx_ ay1", 0...9, by: 2),
        txn("ly_", 4...5, by: 1),
      ], "G2-item"
    ),
  ])
  func cyclesAgainstProcessesHaveTheirName(transactions: [Txn], kind: String) {
    #expect(checkLists([.strongSessionSerializable], transactions).names == ["\(kind)-process"])
    #expect(checkLists([.serializable], transactions).validity != .invalid)
    // Whatever contradicts a process contradicts time; the strongest of what is found may be another one.
    #expect(checkLists([.strictSerializable], transactions).validity == .invalid)
  }

  @Test(arguments: [
    (
      [txn("ax2", 0...1), txn("ax1", 2...3), txn("lx12", 0...9)], ConsistencyModel.strongReadUncommitted, "G0"
    ),
    ([txn("ax2", 0...1), txn("lx12", 0...9), txn("ax1", 2...3)], .strongReadUncommitted, "G0"),
    ([txn("lx1", 0...1), txn("ax1", 2...3)], .strongReadCommitted, "G1c"),
    ([txn("lx1 ay1", 0...1), txn("ly1", 0...2), txn("ax1", 3...4)], .strongReadCommitted, "G1c"),
    ([txn("ax1", 0...9), txn("lx1", 2...3), txn("lx_", 4...5)], .strongSnapshotIsolation, "G-single-item"),
    (
      [txn("ax1 ay1", 0...9), txn("lx1", 2...3), txn("ly_", 4...5)], .strongSnapshotIsolation, "G-single-item"
    ),
    (
      [
        txn("ay1 az1", 0...9), txn("lz1 lw_", 0...9), txn("aw1", 0...1), txn("ly_", 2...3), txn("lw1", 0...9),
      ],
      .strongSnapshotIsolation, "G-nonadjacent-item"
    ),
    (
      [
        txn("ay1", 0...9), txn("ly1 az1", 0...9), txn("lz1 lw_", 0...9), txn("aw1", 0...1), txn("ly_", 2...3),
      ],
      .strongSnapshotIsolation, "G-nonadjacent-item"
    ),
    ([txn("ax1", 0...1), txn("lx_ ay1", 0...9), txn("ly_", 2...3)], .strictSerializable, "G2-item"),
    (
      [txn("ax1", 0...1), txn("lx_ ay1", 0...9), txn("ly_ az1", 2...3), txn("lz1", 4...5)],
      .strictSerializable, "G2-item"
    ),
  ])
  func cyclesAgainstTimeHaveTheirName(transactions: [Txn], model: ConsistencyModel, kind: String) {
    #expect(checkLists([model], transactions).names == ["\(kind)-realtime"])
    #expect(checkLists([.strongSessionSerializable], transactions).validity != .invalid)
  }

  // MARK: Unknown outcomes

  @Test(arguments: [Operation.Kind.info, nil])
  func aTransactionOfUnknownOutcomeThatWasReadHasItsPlaceInTheOrder(outcome: Operation.Kind?) {
    // Sees one of its appends and not the other.
    #expect(names(txn("ax1 ay1", 0...1, outcome), txn("lx1 ly_", 2...3)) == ["G-single-item"])
    // Its element is not the last one of any list.
    #expect(
      names(txn("ax1 ay1", 0...1, outcome), txn("ax2", 0...3), txn("lx12 ly_", 4...5)) == ["G-single-item"])
    #expect(names(txn("ax1 ay1", 0...1, outcome), txn("lx_ ly_", 2...3), txn("ax2", 4...5)).isEmpty)
  }

  // MARK: Replies

  @Test func aReplyToAnotherTransactionIsAltered() {
    let history = History(op("txn", #"[["append",1,2]]"#, result: #"[["append",1,3]]"#, 0...1))
    #expect(ListAppendChecker([.readUncommitted]).check(history).names == ["altered"])
    let short = History(op("txn", #"[["r",1,null],["append",1,2]]"#, result: #"[["r",1,null]]"#, 0...1))
    #expect(ListAppendChecker([.readUncommitted]).check(short).names == ["altered"])
  }

  @Test(arguments: ["2", #""12""#, #"{"1":2}"#, "true"])
  func whateverIsNoListInPlaceOfAListIsMalformed(value: String) {
    let history = History(
      op("txn", #"[["append",1,2]]"#, 0...1),
      op("txn", #"[["r",1,null]]"#, result: #"[["r",1,\#(value)]]"#, 2...3))
    let result = ListAppendChecker([.readUncommitted]).check(history)
    #expect(result.names == ["malformed-reply"])
    #expect(result.explanations.contains("a read returned something other than a list or null"))
  }

  @Test(arguments: ["malformed-reply", "indeterminate: Malformed RPC response. Maelstrom sent"])
  func aReplyThatTheClientRejectedIsMalformed(error: String) {
    let parts = error.split(separator: ": ", maxSplits: 1).map(String.init)
    var operation = History(op("txn", #"[["r",1,null]]"#, 0...1, .info)).operations
    operation[1].error = OperationError(name: parts[0], text: parts.count > 1 ? parts[1] : nil)
    #expect(ListAppendChecker([.readUncommitted]).check(History(operation)).names == ["malformed-reply"])
  }

  /// Keys and elements of all types, with white space, and big numbers.
  @Test func keysAndElementsMayBeAnyJSON() {
    let history = History(
      op("txn", #"[ ["append", {"a":1}, "x"], ["append", -1, 5000000] ]"#, 0...1),
      op("txn", #"[["append",{"a":1},[1]]]"#, 2...3),
      op(
        "txn", #"[["r",{"a":1},null],["r",-1,null]]"#,
        result: #"[["r",{"a": 1},["x",[1]]],["r",-1,[5000000]]]"#, 4...5))
    let result = ListAppendChecker([.strictSerializable]).check(history)
    #expect(result.validity == .valid, "\(result.explanations)")
  }

  @Test func anElementThatTwoTransactionsAppendedTellsNothing() {
    let result = checkLists([.serializable], [txn("ax1"), txn("ax1"), txn("lx1")])
    #expect(result.validity == .unknown)
    #expect(result.reason?.contains("several transactions append 1 to key \"x\"") == true)
  }

  // MARK: Words

  @Test func aCycleOverListsIsExplainedWithKeysAndElements() {
    let result = checkLists([.serializable], [txn("lx_ ly1", 0...3), txn("ay1 ax2", 1...2)])
    #expect(
      result.explanations
        == #"T1 < T2, because T1 read key "x" without elements, after which T2 appended 2; but T2 < T1, because T2 "#
        + #"appended 1 to key "y", which T1 read. Here T1 is [["r","x",null],["r","y",[1]]] on n0 at 0.003 s "#
        + #"(operation 3); T2 is [["append","y",1],["append","x",2]] on n0 at 0.002 s (operation 2)."#)
  }

  @Test func aWriteDependencyNamesTheAppendThatFollowsInTheList() {
    let result = checkLists([.readUncommitted], [txn("ax1 ax3"), txn("ax2"), txn("lx123")])
    #expect(result.explanations.contains("T1 appended 1 to key \"x\", after which T2 appended 2"))
    #expect(result.explanations.contains("T2 appended 2 to key \"x\", after which T1 appended 3"))
  }
}
